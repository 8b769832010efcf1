"""What the Python tests and the demo run against: a gate, a mock provider, certificates. Standard library only."""

from .application import Application
from .certificates import Certificates
from .gate import Gate
from .process import Process, StartFailure
from .products import ROOT, product
from .provider import Provider, Received

__all__ = ["ROOT", "Application", "Certificates", "Gate", "Process", "Provider", "Received", "StartFailure", "product"]
