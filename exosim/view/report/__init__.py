"""A report of a run or a comparison: one HTML file that needs nothing else and holds no script.

Everything that a person wrote is text in it: the templates escape names and notes and keep them from changing the
direction of the text around them. A content security policy forbids whatever is not in the file.
"""
