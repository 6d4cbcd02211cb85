"""Prints the commands of a workflow's step: `step.py FILE JOB STEP`, or of all of a file: `step.py FILE`."""

import sys
from pathlib import Path

import yaml

document = yaml.safe_load(Path(sys.argv[1]).read_text())
jobs = document.get("jobs") or {"action": document["runs"]}
steps = [(job, step.get("name"), step["run"]) for job in jobs for step in jobs[job]["steps"] if "run" in step]
if len(sys.argv) == 2:
    for job, name, run in steps:
        print(f"# {job}: {name}\n({{\n{run}\n}})")
else:
    found = [run for job, name, run in steps if [job, name] == sys.argv[2:]]
    if len(found) != 1:
        sys.exit(f"error: {sys.argv[1]} has {len(found)} steps {sys.argv[2:]}")
    print(found[0])
