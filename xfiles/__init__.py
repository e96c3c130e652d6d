"""The X-Files transcripts of Inside the X, in a database you can ask."""

__version__ = "2.0.0"
