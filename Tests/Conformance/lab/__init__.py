"""What the conformance tests share: the processes under test, raw HTTP/1.1 and HTTP/2 peers, and a provider that misbehaves."""
