"""Tests of the measuring stranger: real sockets on loopback."""
