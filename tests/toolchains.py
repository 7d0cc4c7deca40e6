# SPDX-License-Identifier: GPL-2.0-only
"""The go commands that are here, of several releases, and what to build with them in."""

import os
import re
import shutil
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ALL = [f"1.{n}" for n in range(17, 28)]
# Older ones than the tool's table knows; the ones in use last.
OLD = {"1.12": "1.12.17", "1.13": "1.13.15", "1.14": "1.14.15", "1.15": "1.15.15",
       "1.16": "1.16.15"}


def minor(release):
    return int(release.split(".")[1])


class Toolchains:
    """Paths of go commands, by release."""

    def __init__(self):
        shared = os.environ.get("PERFGO_SHARED", os.path.join(TOP, "..", "shared"))
        self.tool = os.path.join(shared, "tools", "go-release")
        self.installed = None
        if shutil.which("go"):
            version = subprocess.run(["go", "env", "GOVERSION"], cwd="/", stdout=subprocess.PIPE,
                                     check=True).stdout.decode()
            self.installed = "1." + re.match(r"go1\.(\d+)", version).group(1)
        self.others = os.access(self.tool, os.X_OK)
        self.paths = {}

    def path(self, release):
        if release not in self.paths:
            self.paths[release] = self.find(release)
        return self.paths[release]

    def find(self, release):
        if release == self.installed:
            return shutil.which("go")
        if not self.others:
            return None
        done = subprocess.run([self.tool, OLD.get(release, release)], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=False)
        script = done.stdout.decode().strip()
        if not script or release not in OLD:
            return script or None
        # The script is made for 1.17 and newer: it sets flags that 1.12 does not know.
        with open(script, encoding="utf-8") as file:
            return re.search(r"^exec (\S+)", file.read(), flags=re.M).group(1)


def go_env(release, arch="amd64", cgo=0):
    env = dict(os.environ, GOENV="off", GOROOT="", GOOS="linux", GOARCH=arch, GO111MODULE="on",
               GOWORK="off", CGO_ENABLED=str(cgo), GOTOOLCHAIN="local", GOPROXY="off")
    env["GOFLAGS"] = "-buildvcs=false" if minor(release) >= 18 else ""
    return env
