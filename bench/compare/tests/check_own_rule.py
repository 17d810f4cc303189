# SPDX-License-Identifier: BSL-1.0
"""Is a rule in every comparison of rules? check_own_rule.py FOLDER RULE"""
import json
import pathlib
import sys


def names(value):
    """What entries of lists call themselves."""
    if isinstance(value, dict):
        yield from (value[key] for key in ("rule", "system") if key in value)
        for inner in value.values():
            yield from names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from names(inner)


folder, rule = pathlib.Path(sys.argv[1]), sys.argv[2]
missing = [part for part in ("federated", "map", "breakdown", "speed", "table", "ranks")
           if rule not in names(json.loads((folder / f"{part}.json").read_text()))]
print("\n".join(f"{part}.json: {rule} is missing" for part in missing))
sys.exit(1 if missing else 0)
