"""A name server for benchmarks: every name is 127.0.0.1 and has no IPv6 address. Arguments: port, TTL in seconds."""

import socket
import struct
import sys

A = 1
HEADER_BYTES = 12


def answer(question: bytes, ttl_s: int) -> bytes:
    """Return the reply to a query of one question."""
    end = question.index(b"\0", HEADER_BYTES) + 5
    kind = int.from_bytes(question[end - 4 : end - 2], "big")
    found = kind == A
    header = question[:2] + struct.pack(">HHHHH", 0x8180, 1, int(found), 0, 0)
    record = struct.pack(">HHHIH4B", 0xC00C, A, 1, ttl_s, 4, 127, 0, 0, 1) if found else b""
    return header + question[HEADER_BYTES:end] + record


def serve(port: int, ttl_s: int) -> None:
    """Answer until killed."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", port))
        while True:
            question, sender = listener.recvfrom(512)
            listener.sendto(answer(question, ttl_s), sender)


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]))
