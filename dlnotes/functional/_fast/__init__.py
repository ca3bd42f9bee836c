"""The same as the bodies in `dlnotes.functional` compute, in fewer passes over memory."""
