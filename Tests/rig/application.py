"""The customer's own webhook: remembers what it was sent and answers with TwiML."""

import http.server
import threading


class Application:
    """Listens on 127.0.0.1 without TLS until `stop`."""

    ANSWER = b'<?xml version="1.0" encoding="UTF-8"?><Response><Message>from the application</Message></Response>'

    def __init__(self):
        application = self
        self.requests = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                application.requests.append((self.path, self.headers, body))
                self.send_response(200)
                self.send_header("content-type", "text/xml")
                self.send_header("content-length", str(len(application.ANSWER)))
                self.end_headers()
                self.wfile.write(application.ANSWER)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}/sms/inbound?tenant=7"

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
