"""Checks the binaries of the functions: how large they are, and what they need of the system."""

import io
import pathlib
import re
import subprocess
import sys
import zipfile

FUNCTIONS = pathlib.Path(__file__).with_name("functions.txt").read_text().split()
# Megabytes as AWS counts them.
ARCHIVE_BYTES_MAX = 8 << 20
BINARY_BYTES_MAX = 12 << 20
# What the runtime provided.al2023 has (Amazon Linux 2023 User Guide).
GLIBC_MAX = (2, 34)
LIBRARIES = {"libc.so.6", "libm.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2",
             "ld-linux-aarch64.so.1"}
# Found where a system's or a bundled OpenSSL is linked; aws-lc has other names.
OPENSSL = re.compile(rb"OpenSSL \d\.\d\.\d|libssl\.so|libcrypto\.so")


def objdump(option, binary):
    return subprocess.run(["objdump", option, binary], check=True, capture_output=True,
                          text=True).stdout


def wrong_with(binary):
    content = binary.read_bytes()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("bootstrap", content)
    archive = len(out.getvalue())
    symbols = objdump("-T", binary)
    versions = {tuple(map(int, it.split("."))) for it in re.findall(r"GLIBC_([\d.]+)", symbols)}
    needed = set(re.findall(r"NEEDED +(\S+)", objdump("-p", binary)))
    newest = ".".join(map(str, max(versions)))
    print(f"{binary.name:17}{len(content):>11,} bytes, archive {archive:>10,}, glibc {newest}")
    if len(content) > BINARY_BYTES_MAX:
        yield f"it has more than {BINARY_BYTES_MAX:,} bytes"
    if archive > ARCHIVE_BYTES_MAX:
        yield f"its archive has more than {ARCHIVE_BYTES_MAX:,} bytes"
    if max(versions) > GLIBC_MAX:
        yield f"it needs glibc {newest}"
    if needed - LIBRARIES:
        yield f"it needs {', '.join(sorted(needed - LIBRARIES))}"
    if OPENSSL.search(content):
        yield "it has OpenSSL in it"


def main(folder):
    found = [f"{name}: {what}" for name in FUNCTIONS
             for what in wrong_with(pathlib.Path(folder) / name)]
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
