"""The demo: an invented provider with real local services and a generated past (decision D13).

It comes in by the portal's own doors, the configuration file and the recording of samples; nothing in portal/ knows it.
"""
