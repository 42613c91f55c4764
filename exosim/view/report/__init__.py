"""A report of a run or a comparison: one HTML file that needs nothing else, no script among it.

Everything that a person wrote stands in it as text: names and notes are escaped and kept from turning the direction of
what surrounds them. A content security policy forbids whatever is not in the file.
"""
