"""`stopgate-load`: what it counts is what went through the gate, and what it must refuse it refuses."""

import json
import subprocess

import pytest

from rig import ROOT, product

SCENARIO = """
name: small
about: A test.
protocol: {protocol}
requests:
  - {{provider: twilio, suppressed: 0.5}}
  - {{provider: sendgrid, recipients: 2, suppressed: 0.5}}
steps:
  - {{name: paced, rate: 200, connections: 2, streams: {streams}, seconds: 1, warm_up: 0.1}}
  - {{name: flat out, connections: 2, streams: {streams}, seconds: 5, requests: 100, warm_up: 0.1}}
"""


@pytest.fixture(scope="module")
def suppressed(gate, home):
    """Everybody the generator takes for suppressed."""
    for kind, channel in (("phone", "sms"), ("email", "email")):
        file = home / f"load-{kind}"
        with open(file, "wb") as out:
            subprocess.run([product("stopgate-load"), "suppressions", "10000", "--kind", kind], stdout=out, check=True)
        gate.run("list", "load", f"load-{kind}", file, "--kind", kind, "--channel", channel)
    yield
    for kind in ("phone", "email"):
        gate.run("list", "remove", f"load-{kind}", "--yes")


def run(scenario, *arguments):
    return subprocess.run(
        [product("stopgate-load"), "run", str(scenario), *map(str, arguments)], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("protocol", ["h1", "h2"])
def test_what_it_counts_went_through_the_gate(gate, provider, certificates, suppressed, tmp_path, protocol):
    scenario = tmp_path / "small.yaml"
    scenario.write_text(SCENARIO.format(protocol=protocol, streams=1 if protocol == "h1" else 8))
    done = run(scenario, "--target", f"https://localhost:{gate.port}", "--prefix", "--ca", certificates.ca, "--output", tmp_path / "report",
               "--watch", f"gate={gate.process.pid}")
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "report" / "result.json").read_text())
    for step in result["steps"]:
        assert step["wrong"] == 0 and step["failures"] == {}
        assert step["accepted"] > 0 and step["blocked"] > 0
        assert step["processes"][0]["cpuSeconds"] >= 0
    # What warmed up is not counted: the provider has at least what was accepted.
    assert provider.count() >= sum(step["accepted"] for step in result["steps"])
    page = (tmp_path / "report" / "report.html").read_text()
    assert "<svg" in page and "http://" not in page and "https://localhost" in page


@pytest.mark.parametrize("protocol", ["h1", "h2"])
def test_failures_of_the_provider_are_told_from_ours(gate, provider, certificates, suppressed, tmp_path, protocol):
    """Each error that the mock was told to make arrives as one, each dropped request as 502, and nothing else fails."""
    scenario = tmp_path / "faults.yaml"
    scenario.write_text(f"""
name: faults
about: A test.
protocol: {protocol}
setup: {{provider: {{faults: {{"429": 0.1, reset: 0.1}}}}}}
requests: [{{provider: twilio, suppressed: 0.2}}, {{provider: mailgun}}, {{provider: resend, recipients: 2}}, {{provider: postmark}}, {{provider: messagebird}}]
steps: [{{connections: 4, streams: {1 if protocol == "h1" else 8}, seconds: 20, requests: 400, warm_up: 0}}]
""")
    shown = json.loads(subprocess.run([product("stopgate-load"), "show", str(scenario)], capture_output=True, check=True).stdout)
    provider.behave(**shown["setup"]["provider"], delay={"uniform": [1, 5]})
    done = run(scenario, "--target", f"https://localhost:{gate.port}", "--prefix", "--ca", certificates.ca, "--output", tmp_path / "report")
    assert done.returncode == 0, done.stderr
    step = json.loads((tmp_path / "report" / "result.json").read_text())["steps"][0]
    assert step["injected"] == provider.faults()["429"] > 0
    assert step["lost"] == provider.faults()["reset"] > 0
    assert step["accepted"] + step["blocked"] + step["injected"] + step["lost"] == step["sent"]


@pytest.mark.parametrize("behaviour, says", [
    ({"faults": {"200": 0.1}}, "no share of requests"), ({"faults": {"500": 0.7, "reset": 0.7}}, "more than 1"), ({"delay": {"uniform": [5]}}, "lognormal")])
def test_behaviour_the_provider_refuses(provider, behaviour, says):
    with pytest.raises(AssertionError, match=says):
        provider.behave(**behaviour)


def test_an_answer_nobody_expects_is_an_error(gate, provider, certificates, suppressed, tmp_path):
    scenario = tmp_path / "small.yaml"
    scenario.write_text(SCENARIO.format(protocol="h2", streams=8))
    done = run(scenario, "--target", f"https://localhost:{gate.port}", "--prefix", "--ca", certificates.ca, "--unchecked")
    assert done.returncode == 1
    assert "wrong answers" in done.stderr


@pytest.mark.parametrize("target, says", [
    ("https://192.0.2.1:8443", "not this machine"), ("http://localhost:1", "must be like https://"), ("https://localhost:1/path", "without a path")])
def test_targets_it_refuses(tmp_path, target, says):
    scenario = tmp_path / "small.yaml"
    scenario.write_text(SCENARIO.format(protocol="h2", streams=8))
    done = run(scenario, "--target", target)
    assert done.returncode != 0 and says in done.stderr


@pytest.mark.parametrize("line, says", [
    ("protocol: h3", "protocol"), ("steps: [{rate: -1}]", "rate must be"), ("steps: [{streams: 0}]", "streams must be"), ("steps: [{name: a}, {name: a}]", "same name"),
    ("steps: [{setup: {provider: {faults: {x: 1}}}}]", "neither reset nor a status"), ("requests: []", "no requests")])
def test_scenarios_it_refuses(tmp_path, line, says):
    key = line.partition(":")[0]
    base = {"name": "name: x", "about": "about: x", "protocol": "protocol: h2", "requests": "requests: [{provider: twilio}]", "steps": "steps: [{}]"}
    base[key] = line
    scenario = tmp_path / "bad.yaml"
    scenario.write_text("\n".join(base.values()) + "\n")
    done = run(scenario, "--target", "https://localhost:1")
    assert done.returncode != 0 and says in done.stderr, done.stderr


def test_results_of_one_scenario_compare(gate, provider, certificates, suppressed, tmp_path):
    scenario = tmp_path / "small.yaml"
    scenario.write_text(SCENARIO.format(protocol="h2", streams=8))
    for name in ("a", "b"):
        done = run(scenario, "--target", f"https://localhost:{gate.port}", "--prefix", "--ca", certificates.ca, "--output", tmp_path / name, "--label", name,
                   "--max-seconds", 1)
        assert done.returncode == 0, done.stderr
    done = subprocess.run(
        [product("stopgate-load"), "compare", str(tmp_path / "a"), str(tmp_path / "b"), "--output", str(tmp_path / "page.html")],
        capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "×1.00" in done.stdout and (tmp_path / "page.html").stat().st_size > 2000


def test_every_scenario_of_the_repository_can_be_read():
    for file in sorted((ROOT / "loadtest" / "scenarios").glob("*.yaml")):
        done = run(file, "--target", "https://192.0.2.1")
        assert "not this machine" in done.stderr, f"{file.name}: {done.stderr}"
