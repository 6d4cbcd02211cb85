"""Imitates the servers that no package has: `servers.py DIRECTORY MOTO` serves GitHub's Actions secrets, Kubernetes' secrets
and Google's Secret Manager on 127.0.0.1 until it is killed, and prints the address of each.

They are as strict as the real ones where the presets depend on it, and answer 404 to everything else. GitHub is behind a
proxy: the client believes that it talks to github.com, with a certificate of DIRECTORY/ca.pem. Its secrets are in
DIRECTORY/github/HOST/OWNER/REPO/NAME, decrypted. The proxy also passes what is for AWS on to port MOTO. Every request is
logged to stderr.
"""

import base64
import datetime
import http.client
import json
import re
import ssl
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import google_crc32c
import nacl.public
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

AWS = "secretsmanager.eu-west-1.amazonaws.com"
HOSTS = ["api.github.com", "github.example.com", AWS]


class Server(BaseHTTPRequestHandler):
    """Sends each request to `answer`, which returns a status and JSON."""

    protocol_version = "HTTP/1.1"

    def handle_request(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urllib.parse.urlsplit(self.path)
        query = {name: values[0] for name, values in urllib.parse.parse_qs(url.query).items()}
        status, answer = self.answer(self.command, url.path, query, body)
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = handle_request

    def log_message(self, format, *arguments):
        sys.stderr.write(f"{type(self).__name__}: {self.command} {self.path} {arguments[1]}\n")


class Proxy(Server):
    """docs.github.com/rest/actions/secrets, on GitHub Enterprise below /api/v3; and AWS."""

    key = nacl.public.PrivateKey.generate()
    host = ""

    def do_CONNECT(self):
        self.host = self.path.rsplit(":", 1)[0]
        self.send_response_only(200)
        self.end_headers()
        self.connection = tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", buffering=0)
        self.close_connection = False

    def answer(self, method, path, query, body):
        if self.host not in HOSTS:
            return 400, {"message": "not a host of the tests"}
        if self.host == AWS:
            moto = http.client.HTTPConnection("127.0.0.1", int(sys.argv[2]))
            moto.request(method, self.path, body, dict(self.headers))
            response = moto.getresponse()
            return response.status, response.read()
        if self.host != "api.github.com":
            path = path.removeprefix("/api/v3")
        if self.headers.get("Authorization") != "token github-token":
            return 401, {"message": "Bad credentials"}
        secrets = re.fullmatch(r"/repos/(me/site)/actions/secrets/([\w-]+)", path)
        if secrets is None:
            return 404, {"message": "Not Found"}
        repository, name = secrets.groups()
        if (method, name) == ("GET", "public-key"):
            return 200, {"key_id": "568250167242549743", "key": base64.b64encode(bytes(self.key.public_key)).decode()}
        fields = json.loads(body)
        if method != "PUT" or fields["key_id"] != "568250167242549743":
            return 422, {"message": "key_id is wrong"}
        value = nacl.public.SealedBox(self.key).decrypt(base64.b64decode(fields["encrypted_value"], validate=True))
        file = directory / "github" / self.host / repository / name
        status = 204 if file.exists() else 201
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(value)
        return status, b"" if status == 204 else {}


class Kubernetes(Server):
    """The namespace `default` of kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/secret-v1."""

    secrets = {}
    version = 0

    def answer(self, method, path, query, body):
        resources = {"name": "secrets", "singularName": "secret", "namespaced": True, "kind": "Secret"}
        resources["verbs"] = ["create", "get", "list", "patch"]
        discovery = {
            "/version": {"major": "1", "minor": "32", "gitVersion": "v1.32.0"},
            "/api": {"kind": "APIVersions", "versions": ["v1"]},
            "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
            "/api/v1": {"kind": "APIResourceList", "groupVersion": "v1", "resources": [resources]},
            # A server with schemas of nothing: the client leaves validation to it.
            "/openapi/v2": b"",
        }
        if method == "GET" and path in discovery:
            return 200, discovery[path]
        secret = re.fullmatch(r"/api/v1/namespaces/([\w-]+)/secrets/([a-z0-9.-]+)", path)
        if secret is None:
            return failure(404, "NotFound", "the server could not find the requested resource")
        namespace, name = secret.groups()
        if method == "GET":
            if path in self.secrets:
                return 200, self.secrets[path]
            return failure(404, "NotFound", f'secrets "{name}" not found')
        if method != "PATCH" or self.headers["Content-Type"] != "application/apply-patch+yaml":
            return failure(415, "UnsupportedMediaType", "only a server-side apply is supported")
        if not query.get("fieldManager"):
            return failure(400, "BadRequest", "fieldManager is required for apply patch")
        if namespace != "default":
            return failure(404, "NotFound", f'namespaces "{namespace}" not found')
        applied = json.loads(body)
        known = {"apiVersion", "kind", "metadata", "stringData"}
        if set(applied) - known or (applied["apiVersion"], applied["kind"]) != ("v1", "Secret"):
            return failure(400, "BadRequest", "not a v1 Secret with stringData")
        if applied["metadata"] != {"name": name, "namespace": namespace}:
            return failure(400, "BadRequest", "the name or the namespace of the object does not match the URL")
        status = 200 if path in self.secrets else 201
        data = dict(self.secrets[path]["data"]) if status == 200 else {}
        for key, value in applied["stringData"].items():
            if not re.fullmatch(r"[-._a-zA-Z0-9]+", key):
                return failure(422, "Invalid", f'Secret "{name}" is invalid: data[{key}]')
            data[key] = base64.b64encode(value.encode()).decode()
        Kubernetes.version += 1
        metadata = {"name": name, "namespace": namespace, "resourceVersion": str(self.version)}
        self.secrets[path] = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "data": data}
        return status, self.secrets[path]


def failure(code, reason, message):
    """Returns an answer of Kubernetes."""
    status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": code}
    return code, status | {"reason": reason, "message": message}


class Google(Server):
    """The secret `linkedin` of the project `site`: cloud.google.com/secret-manager/docs/reference/rest."""

    versions = []

    def answer(self, method, path, query, body):
        if self.headers.get("Authorization") != "Bearer google-token":
            return 401, {"error": {"code": 401, "message": "Request had invalid credentials.", "status": "UNAUTHENTICATED"}}
        if method == "POST" and path == "/v1/projects/site/secrets/linkedin:addVersion":
            payload = json.loads(body)["payload"]
            value = base64.urlsafe_b64decode(payload["data"])
            if int(payload["dataCrc32c"]) != google_crc32c.value(value):
                message = "The payload does not match its checksum."
                return 400, {"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}}
            self.versions.append(payload)
            version = {"name": f"projects/1/secrets/linkedin/versions/{len(self.versions)}", "state": "ENABLED"}
            return 200, version | {"clientSpecifiedPayloadChecksum": True}
        latest = re.fullmatch(r"/v1/projects/site/secrets/linkedin/versions/latest:access", path)
        if method == "GET" and latest and self.versions:
            name = f"projects/1/secrets/linkedin/versions/{len(self.versions)}"
            return 200, {"name": name, "payload": self.versions[-1]}
        message = f"{path} not found."
        return 404, {"error": {"code": 404, "message": message, "status": "NOT_FOUND"}}


def make_certificate():
    """Writes an authority to ca.pem, and returns a TLS context with its certificate of HOSTS."""
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]) for name in ("Tests", "Tests' server")]
    now = datetime.datetime.now(datetime.timezone.utc)
    certificates = []
    for index, is_authority in enumerate([True, False]):
        builder = (
            x509.CertificateBuilder(names[0], names[index], keys[index].public_key(), x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        )
        if not is_authority:
            builder = builder.add_extension(x509.SubjectAlternativeName(map(x509.DNSName, HOSTS)), critical=False)
        certificates.append(builder.sign(keys[0], hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    (directory / "ca.pem").write_bytes(certificates[0])
    key = keys[1].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (directory / "server.pem").write_bytes(certificates[1] + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "server.pem")
    return context


directory = Path(sys.argv[1])
tls = make_certificate()
for kind in (Proxy, Kubernetes, Google):
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    print(f"{kind.__name__} http://127.0.0.1:{server.server_port}", flush=True)
    threading.Thread(target=server.serve_forever).start()
