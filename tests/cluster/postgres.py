"""A PostgreSQL of a test's own, in a folder for temporary files, reached by a socket in it; it ends with the test's process."""

import ctypes
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import unittest

from support import wait_until

WITHOUT = "BEAMLINE_TESTS_WITHOUT_POSTGRES"
# No syncing: the machine is not expected to fail, only processes.
SETTINGS = {"listen_addresses": "", "fsync": "off", "full_page_writes": "off", "shared_buffers": "16MB", "max_connections": "40",
            "log_min_messages": "warning"}
_PR_SET_PDEATHSIG = 1


class ThrowawayPostgres:
    """As tests/support/throwaway_postgres.hpp is for C++. PostgreSQL does not run as root: then it is the user postgres."""

    def __init__(self):
        programs = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        if not programs:
            raise AssertionError("PostgreSQL's programs are not installed: run scripts/setup test (Debian: postgresql-15), "
                                 f"or set {WITHOUT}=1 to test nothing about it")
        self._programs = programs[-1].parent
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="beamline-postgres-"))
        self._who = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            self._who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._run("initdb", "-D", self._folder / "data", "-U", "beamline", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
        settings = [word for key, value in SETTINGS.items() for word in ("-c", f"{key}={value}")]
        self._log = open(self._folder / "log", "wb")
        self._server = subprocess.Popen([self._programs / "postgres", "-D", self._folder / "data", "-k", self._folder, *settings],
                                        stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, cwd="/",
                                        start_new_session=True, preexec_fn=_end_with_parent, **self._who)
        try:
            wait_until(self._answers, "the database server answers")
        except BaseException:
            self.stop()
            raise

    @property
    def url(self):
        return f"postgresql://beamline@/postgres?host={self._folder}"

    def query(self, sql):
        return self._run("psql", "-X", "-A", "-t", "-h", self._folder, "-U", "beamline", "-d", "postgres", "-c", sql).strip()

    def stop(self):
        self._server.send_signal(signal.SIGQUIT)  # At once.
        self._server.wait(60)
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self):
        if self._server.poll() is not None:
            raise AssertionError(f"the database server has ended: {(self._folder / 'log').read_text(encoding='utf-8')}")
        asked = subprocess.run([self._programs / "pg_isready", "-q", "-h", self._folder], check=False)
        return asked.returncode == 0

    def _run(self, name, *words):
        done = subprocess.run([self._programs / name, *words], capture_output=True, text=True, check=False, cwd="/",
                              timeout=60, **self._who)
        if done.returncode != 0:
            raise AssertionError(f"{name} failed: {done.stderr}")
        return done.stdout


def skip_without():
    """For tests that need one."""
    return unittest.skipIf(os.environ.get(WITHOUT) == "1", f"{WITHOUT}=1: nothing about PostgreSQL is tested")


def _end_with_parent():
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)
