"""Figures that compute in the page, for what states computed beforehand cannot show.

Each has a module and a script of the same name: the module draws the still, checks the values at
the start and says which facts the script gets; the script does the arithmetic again for whatever
the reader sets, and the browser's tests hold it to `dlnotes`. What they share is `figure` and
``core.js``.
"""
