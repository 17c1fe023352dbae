"""The rules that span several objects of a spec, one module for each kind of object."""
