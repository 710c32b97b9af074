"""libcurl by itself, as a measure of the machine: fresh connections, nothing kept. Arguments: URL, count, CA file."""

import select
import sys
import time

import pycurl

IN_FLIGHT = 50


def fetch(url: str, count: int, ca_file: str) -> float:
    """Ask `count` times and return the processor time of each in ms."""
    multi = pycurl.CurlMulti()
    idle = [_handle(url, ca_file) for _ in range(IN_FLIGHT)]
    started = finished = 0
    before = time.process_time_ns()
    while finished < count:
        while idle and started < count:
            multi.add_handle(idle.pop())
            started += 1
        multi.perform()
        _, done, failed = multi.info_read()
        for handle in (*done, *(each[0] for each in failed)):
            multi.remove_handle(handle)
            idle.append(handle)
            finished += 1
        if not done:
            _wait(multi)
    return (time.process_time_ns() - before) / count / 1e6


def _handle(url: str, ca_file: str) -> pycurl.Curl:
    handle = pycurl.Curl()
    handle.setopt(pycurl.URL, url)
    handle.setopt(pycurl.CAINFO, ca_file)
    handle.setopt(pycurl.SSL_VERIFYHOST, 0)
    handle.setopt(pycurl.FRESH_CONNECT, 1)
    handle.setopt(pycurl.FORBID_REUSE, 1)
    handle.setopt(pycurl.WRITEFUNCTION, len)
    return handle


def _wait(multi: pycurl.CurlMulti) -> None:
    readers, writers, _ = multi.fdset()
    if readers or writers:
        select.select(readers, writers, [], 0.05)


if __name__ == "__main__":
    print(fetch(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
