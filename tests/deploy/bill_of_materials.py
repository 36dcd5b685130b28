"""Writes what the functions are made of as a CycloneDX document, and checks that it is whole."""

import json
import pathlib
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
FUNCTIONS = ("accrue", "enroll", "expire", "redeem", "relay", "report")


def linked(metadata):
    """The packages that are compiled into a function: what is reached from one by
    dependencies that are neither for tests nor for building."""
    edges = {node["id"]: [dep["pkg"] for dep in node["deps"]
                          if any(kind["kind"] is None for kind in dep["dep_kinds"])]
             for node in metadata["resolve"]["nodes"]}
    packages = {package["id"]: package for package in metadata["packages"]}
    waiting = [it for it, package in packages.items()
               if package["source"] is None and package["name"] in FUNCTIONS]
    assert len(waiting) == len(FUNCTIONS)
    found = set()
    while waiting:
        package = waiting.pop()
        if package not in found:
            found.add(package)
            waiting.extend(edges[package])
    return [packages[it] for it in sorted(found)]


def component(package, checksums):
    name, version = package["name"], package["version"]
    said = {"type": "library", "name": name, "version": version,
            "licenses": [{"expression": package["license"].replace("/", " OR ")}]}
    if package["source"] is not None:
        said["purl"] = f"pkg:cargo/{name}@{version}"
        said["hashes"] = [{"alg": "SHA-256", "content": checksums[name, version]}]
    return said


def main(out):
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform",
               "x86_64-unknown-linux-gnu"]
    metadata = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text())
    checksums = {(it["name"], it["version"]): it.get("checksum") for it in lock["package"]}
    components = [component(package, checksums) for package in linked(metadata)]
    document = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
                "metadata": {"component": {"type": "application", "name": "guerdon"}},
                "components": components}
    pathlib.Path(out).write_text(json.dumps(document, indent=1) + "\n")
    names = {it["name"] for it in components}
    assert {"domain", "aws-sdk-dynamodb", "tokio", "rustls"} <= names
    assert not {"openssl", "openssl-sys", "native-tls", "rusqlite"} & names
    print(f"{len(components)} packages: {out}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
