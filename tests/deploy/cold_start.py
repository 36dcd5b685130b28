r"""What a function does from its start to its first poll, beside a small stand-in for the runtime
API of Lambda: user and system time, time on the clock, the largest memory, and with --instructions
what callgrind counts. Prints a table; asserts nothing.

    cargo build --release --bins --example hello_world \
      -p accrue -p enroll -p expire -p redeem -p relay -p report
    python3 tests/deploy/cold_start.py
"""

import argparse
import http.server
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = [
    "examples/hello_world", "accrue", "accrue_queue", "redeem", "enroll", "expire_schedule",
    "expire_queue", "relay_events", "relay_deliveries", "report_http", "report_stream",
]
SETTINGS = {
    "AWS_LAMBDA_FUNCTION_NAME": "cold", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
    "AWS_LAMBDA_FUNCTION_VERSION": "1", "AWS_LAMBDA_LOG_STREAM_NAME": "cold",
    "AWS_LAMBDA_LOG_GROUP_NAME": "cold", "AWS_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "cold", "AWS_SECRET_ACCESS_KEY": "cold", "AWS_SESSION_TOKEN": "cold",
    "GUERDON_LEDGER": "ledger", "GUERDON_REGISTRY": "registry",
    "GUERDON_CREDITS_QUEUE": "https://sqs.eu-central-1.amazonaws.com/1/credits",
    "GUERDON_SETTLE_QUEUE": "https://sqs.eu-central-1.amazonaws.com/1/settle",
    "GUERDON_DELIVERIES_QUEUE": "https://sqs.eu-central-1.amazonaws.com/1/deliveries",
    "GUERDON_DELIVERIES_DEAD_QUEUE": "https://sqs.eu-central-1.amazonaws.com/1/dead",
    "GUERDON_EVENT_BUS": "bus", "GUERDON_PROGRAMS": "house",
    "GUERDON_IDENTITY_KEY": "a key that is as long as it has to be, and not one bit secret",
}


class Runtime(http.server.BaseHTTPRequestHandler):
    """Knows of one request: the poll, which it lets wait."""

    polled = threading.Event()
    done = threading.Event()

    def do_GET(self):
        if self.path.endswith("/runtime/invocation/next"):
            Runtime.polled.set()
            Runtime.done.wait()

    def do_POST(self):
        print(self.path, self.rfile.read(int(self.headers["content-length"])), file=sys.stderr)
        self.send_response(202)
        self.end_headers()

    def log_message(self, *_):
        pass


def started(command, port, patience):
    """A process that has polled, and the milliseconds until then."""
    Runtime.polled.clear()
    Runtime.done.clear()
    environment = {**SETTINGS, "PATH": os.environ["PATH"], "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}"}
    began = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    if not Runtime.polled.wait(patience):
        process.kill()
        raise SystemExit(f"{command} did not poll")
    return process, (time.monotonic() - began) * 1_000


def ended(process):
    process.terminate()
    Runtime.done.set()
    process.wait()


def cpu_milliseconds(process):
    """Of all threads, to the nanosecond."""
    tasks = Path(f"/proc/{process.pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e6


def memory_megabytes(process):
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1_024


def instructions(binary, port):
    """Millions that callgrind counts until the poll."""
    with tempfile.TemporaryDirectory() as folder:
        out = f"{folder}/out"
        command = ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={out}", binary]
        process, _ = started(command, port, 120)
        ended(process)
        totals = re.search(r"^(?:summary|totals): (\d+)", Path(out).read_text(), re.MULTILINE)
        return int(totals[1]) / 1e6


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--folder", type=Path, default=ROOT / "target/release")
    arguments.add_argument("--times", type=int, default=15)
    arguments.add_argument("--instructions", action="store_true")
    arguments = arguments.parse_args()
    if arguments.instructions and not shutil.which("valgrind"):
        raise SystemExit("there is no valgrind")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Runtime)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_port
    print(f"{'':18}{'MB':>7}{'CPU ms':>9}{'ms':>8}{'RSS MB':>8}" + "  M instructions" * arguments.instructions)
    for name in FUNCTIONS:
        binary = arguments.folder / name
        samples = []
        for _ in range(arguments.times):
            process, waited = started([binary], port, 20)
            samples.append((cpu_milliseconds(process), waited, memory_megabytes(process)))
            ended(process)
        cpu, waited, memory = (statistics.median(column) for column in zip(*samples))
        line = f"{binary.name:18}{binary.stat().st_size / 1e6:7.1f}{cpu:9.1f}{waited:8.1f}{memory:8.1f}"
        if arguments.instructions:
            line += f"{instructions(binary, port):16.1f}"
        print(line, flush=True)


main()
