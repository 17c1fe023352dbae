"""The dialect: every thing that a spec can say, as attrs classes, a module for each subject.

These classes are the only definition of the dialect. `load` reads YAML into nodes that know their place in a file,
`bind` turns nodes into these classes (its modules are named as these are), `check` holds the rules that span several of
them. Whatever comes later (plan, simulator, exporters, diff) reads these objects, never the YAML.

Wire names are spelt as the exchange writes them. A Python name is stored only where the spec overrides the derived one.
"""
