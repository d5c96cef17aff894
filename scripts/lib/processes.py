"""Processes by identity: a pid alone may name a stranger later, a pid with its start time never does."""

import os
import select
import signal
import time


def start_time_of(pid):
    """The start time in clock ticks since boot, together with the boot's id; None when no such process runs.

    A zombie counts as gone: it holds no port, no file and no lock.
    """
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            # The name in parentheses may contain anything, so fields are counted from the last ")".
            fields = file.read().rpartition(")")[2].split()
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            boot = file.read().strip()
    except (OSError, ValueError):
        return None
    state, ticks = fields[0], fields[19]
    return None if state in "ZX" else f"{ticks}@{boot}"


def is_stopped(pid):
    """Whether SIGSTOP holds it."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] == "T"
    except (OSError, IndexError):
        return False


def is_running(pid, started):
    return pid is not None and started is not None and start_time_of(pid) == started


def send_signal(pid, started, number):
    """Signals exactly that process, never one that got its pid later. False when it is gone."""
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        # The handle is taken first: if the start time matches now, the handle means the same process.
        if not is_running(pid, started):
            return False
        signal.pidfd_send_signal(handle, number)
        return True
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)


def wait_gone(processes, timeout_s, reap=lambda: None):
    """Waits until every (pid, started) has ended. Returns those still running when the time is over."""
    deadline = time.monotonic() + timeout_s
    while True:
        reap()
        left = [(pid, started) for pid, started in processes if is_running(pid, started)]
        if not left or time.monotonic() >= deadline:
            return left
        _wait_for_one(left[0][0], min(0.1, max(0.0, deadline - time.monotonic())))


def _wait_for_one(pid, timeout_s):
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return
    try:
        select.select([handle], [], [], timeout_s)
    finally:
        os.close(handle)


def resident_kib(pid):
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1])
    except OSError:
        pass
    return None


def age_s(started):
    ticks = int(started.partition("@")[0])
    with open("/proc/uptime", encoding="ascii") as file:
        return max(0.0, float(file.read().split()[0]) - ticks / os.sysconf("SC_CLK_TCK"))
