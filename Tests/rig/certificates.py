"""A certificate authority for one test run, made by openssl and not by the code under test."""

import pathlib
import subprocess

from .adapters import adapter_files


def names():
    """Every name a test calls the gate or the mock by."""
    return list(dict.fromkeys(["localhost"] + [name for adapter in adapter_files() for name in adapter.certificate_names]))


class Certificates:
    """`ca`, `chain` and `key` are paths of PEM files in `directory`."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.ca, self.chain, self.key = (self.directory / name for name in ("ca.pem", "gate.pem", "gate-key.pem"))
        ca_key, request = self.directory / "ca-key.pem", self.directory / "gate.csr"
        self._key(ca_key)
        self._openssl(
            "req", "-x509", "-new", "-key", ca_key, "-out", self.ca, "-days", "30", "-subj", "/CN=Stopgate tests",
            "-addext", "basicConstraints=critical,CA:TRUE,pathlen:0", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        self._key(self.key)
        self._openssl("req", "-new", "-key", self.key, "-out", request, "-subj", "/CN=Stopgate tests' gate")
        extensions = self.directory / "extensions"
        extensions.write_text(
            "subjectAltName=" + ",".join([f"DNS:{name}" for name in names()] + ["IP:127.0.0.1"])
            + "\nextendedKeyUsage=serverAuth\nkeyUsage=critical,digitalSignature\nbasicConstraints=critical,CA:FALSE\n"
            + "authorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n")
        self._openssl(
            "x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", ca_key, "-CAcreateserial", "-days", "30",
            "-extfile", extensions, "-out", self.chain)

    def _key(self, path):
        self._openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path)
        path.chmod(0o600)

    @staticmethod
    def _openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class IssuedCertificates:
    """What `stopgate certs` left in `directory`: the CA and the pair called `name`."""

    def __init__(self, directory, name):
        directory = pathlib.Path(directory)
        self.ca, self.chain, self.key = (directory / file for file in ("ca.pem", f"{name}.pem", f"{name}-key.pem"))
