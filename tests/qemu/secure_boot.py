"""Keys, and sticks signed with them, for the cases about Secure Boot: what a case names in braces.

    {owner.pem} {other.pem}  certificates, each with its key
    {unsigned.img}           a stick as `make image` makes it
    {signed.img}             signed with the owner's key
    {tampered.img}           the same, one byte of its program changed
    {shim.img}               signed with the owner's key, behind Debian's shim

Made anew for each case, and gone with it unless it failed.
"""

import os
import shutil
import subprocess
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
SHIM = Path("/usr/lib/shim/shimx64.efi.signed")
OWNER = "owner.pem"


class Material:
    """Of one case, in a folder of its own."""

    def __init__(self, home):
        self.home = Path(home) / "secure-boot"
        self.makers = {OWNER: self._certificate, "other.pem": self._certificate,
                       "unsigned.img": self._stick, "signed.img": self._signed,
                       "tampered.img": self._tampered, "shim.img": self._signed}

    def replaced(self, boots):
        """The boots, with the path of what they name in its place."""
        names = {"{" + name + "}": name for name in self.makers}
        return [[str(self._made(names[word])) if word in names else word for word in arguments]
                for arguments in boots]

    def remove(self):
        shutil.rmtree(self.home, ignore_errors=True)

    def _made(self, name):
        path = self.home / name
        if not path.exists():
            self.home.mkdir(exist_ok=True)
            self.makers[name](path)
        return path

    @staticmethod
    def _certificate(path):
        run("openssl", "req", "-new", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha256",
            "-days", "3650", "-subj", f"/CN=Assay test {path.stem}/",
            "-keyout", path.with_suffix(".key"), "-out", path)

    @staticmethod
    def _stick(path, signed=""):
        run("boot/make-image", ASSAY_IMG=path, SIGNED=signed)

    def _signed(self, path):
        owner, programs = self._made(OWNER), path.with_suffix("")
        run("boot/sign", programs, SB_KEY=owner.with_suffix(".key"), SB_CERT=owner,
            SB_SHIM="1" if path.stem == "shim" else "")
        self._stick(path, programs)

    def _tampered(self, path):
        image = bytearray(self._made("signed.img").read_bytes())
        program = (self.home / "signed/BOOTX64.EFI").read_bytes()
        image[image.index(program) + len(program) // 2] ^= 1
        path.write_bytes(image)


def run(*command, **environment):
    """A program in the folder of the sources; what it says only where it fails."""
    added = {name: str(value) for name, value in environment.items()}
    done = subprocess.run([str(word) for word in command], cwd=TOP, env={**os.environ, **added},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stdout.strip()}")


def missing(boots):
    """Why what these boots name cannot be made here, or None."""
    words = {word for arguments in boots for word in arguments}
    if words & {"{signed.img}", "{tampered.img}", "{shim.img}"} and not shutil.which("sbsign"):
        return "no sbsign: scripts/setup signing"
    if "{shim.img}" in words and not SHIM.exists():
        return f"no {SHIM}: scripts/setup shim"
    return None
