"""Which files the checks look at."""

import subprocess

from cluster_state import ROOT

CPP_FOLDERS = ("src/", "tests/", "examples/", "bench/")


def git(*words):
    """The lines git prints, or none where there is no repository (a source archive) or no commit yet."""
    try:
        result = subprocess.run(["git", "-c", "core.quotePath=off", "-C", str(ROOT), *words], capture_output=True,
                                text=True, check=False)
    except FileNotFoundError:
        return []
    return [line for line in result.stdout.split("\n") if line] if result.returncode == 0 else []


def all_files():
    """Every file that is, or would be, committed."""
    listed = git("ls-files", "--cached", "--others", "--exclude-standard")
    if not listed:
        skipped = {".git", "build", "var", "artefacts", "node_modules", "__pycache__"}
        listed = [path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*")
                  if not skipped.intersection(path.relative_to(ROOT).parts)]
    return sorted(name for name in listed if (ROOT / name).is_file())


def changed_files():
    """What differs from the last commit; in a clean tree, what the last commit changed."""
    changed = git("diff", "--name-only", "HEAD") + git("ls-files", "--others", "--exclude-standard")
    if not changed:
        changed = git("diff", "--name-only", "HEAD~1", "HEAD") or all_files()
    return sorted(name for name in set(changed) if (ROOT / name).is_file())


def is_cpp(name):
    return name.startswith(CPP_FOLDERS) and name.endswith((".hpp", ".cpp"))
