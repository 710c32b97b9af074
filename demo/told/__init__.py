"""What people said and did in the demo's past, by the sentences of the portal, each at its time.

A room for each noun has its `moments`; the story is all of them in the order of their time.
"""
