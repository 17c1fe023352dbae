"""The dialect: what a spec can say, and how it is read and checked."""
