"""What the Python tests and the demo run against: a gate, a mock provider, certificates. Standard library only."""

from .adapters import AdapterFile, adapter_files
from .admin import AdminConnection
from .application import Application
from .certificates import Certificates, IssuedCertificates
from .gate import AuditReader, Gate
from .process import Process, StartFailure
from .products import ROOT, product
from .provider import Provider, Received

__all__ = [
    "ROOT", "AdapterFile", "AdminConnection", "Application", "AuditReader", "Certificates", "Gate", "IssuedCertificates", "Process",
    "Provider", "Received", "StartFailure", "adapter_files", "product"]
