"""Secure Boot in the firmware's variables before it starts: whose signature it takes.

Certificates stand in variables as signature lists (UEFI 2.10, section 32.4.1). Who can write the
store from outside needs no signature for that.
"""

import ssl
import struct
import uuid
from pathlib import Path

from . import LabError, variables

GLOBAL = uuid.UUID("8be4df61-93ca-11d2-aa0d-00e098032b8c")
IMAGE_SECURITY = uuid.UUID("d719b2cb-3d3a-4596-a3bc-dad00e67656f")
ENABLE = uuid.UUID("f0a30bc7-af08-4556-99c4-001009c93a44")  # of EDK II: SecureBootEnable
SHIM = uuid.UUID("605dab50-e046-4300-abb6-3dd810dd8b23")
X509 = uuid.UUID("a5c059a1-94e4-4aa7-87b5-ab155c2bf072")
OWNER = uuid.UUID("5d7ab1e4-2c0f-4f5c-9f6a-0a55a1d15c00")  # of the lab's entries

BOOT_ONLY = variables.NON_VOLATILE | variables.BOOT_ACCESS
AUTHENTICATED = BOOT_ONLY | variables.RUNTIME_ACCESS | 0x20  # by a signature with a time

MICROSOFT = "ms"  # the keys that machines come with, Debian's platform key above them


def certificate(path):
    """The DER bytes of a certificate's PEM file."""
    try:
        return ssl.PEM_cert_to_DER_cert(Path(path).read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise LabError(f"{path} is no certificate in PEM: {error}") from None


def signature_list(der):
    """A list of one certificate."""
    entry = OWNER.bytes_le + der
    return X509.bytes_le + struct.pack("<III", 28 + len(entry), 0, len(entry)) + entry


def enrolment(owner, mok=None):
    """(Name of OVMF's file to begin with, arguments of variables.add()). `owner` is the certificate
    of the platform key, the key exchange key and the signatures taken, or MICROSOFT; `mok` that of
    a machine owner's key, which shim takes."""
    if owner == MICROSOFT:
        added = [("MokList", SHIM, signature_list(certificate(mok)), BOOT_ONLY)] if mok else []
        return "OVMF_VARS_4M.ms.fd", added
    if mok:
        raise LabError(f"--mok needs --secure-boot {MICROSOFT}, for it is shim that takes it")
    keys = signature_list(certificate(owner))
    return "OVMF_VARS_4M.fd", [("PK", GLOBAL, keys, AUTHENTICATED),
                               ("KEK", GLOBAL, keys, AUTHENTICATED),
                               ("db", IMAGE_SECURITY, keys, AUTHENTICATED),
                               ("SecureBootEnable", ENABLE, b"\1", BOOT_ONLY)]
