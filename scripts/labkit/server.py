"""nginx for a lab: boot files, the page, and a folder that takes reports and never gives up one.

It runs in the foreground with a configuration of its own, below DIR/run, and needs no root for a
port above 1023. What a machine may put is what report/upload.h sends, by name: nothing over a file
that is there, nothing longer than FILE_MAX. What was put is shown with a policy under which no
script in it runs.
"""

import grp
import os
import pwd
import shutil
import subprocess
import time

from . import LabError

FILE_MAX_M = 8
START_S, STOP_S = 10, 10
NGINX = "/usr/sbin/nginx"
NAMES = r"(summary\.txt|report\.(html|jsonl)|junit\.xml|bad-memory\.txt|journal\.log)"
PATH = rf"^/results/[A-Za-z0-9-]{{1,80}}/[a-z0-9-]{{1,60}}/{NAMES}$"

CONFIGURATION = """\
{user}daemon off;
pid {run}/nginx.pid;
worker_processes 1;
error_log {run}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log {run}/access.log;
    client_body_temp_path {top}/results/.incoming;
    proxy_temp_path {run}/proxy;
    fastcgi_temp_path {run}/fastcgi;
    uwsgi_temp_path {run}/uwsgi;
    scgi_temp_path {run}/scgi;
    client_body_timeout 30s;
    client_header_timeout 30s;
    send_timeout 30s;
    types {{
        text/html html;
        text/plain txt log jsonl csv prom ipxe;
        text/xml xml;
    }}
    default_type application/octet-stream;
    server {{
        listen {listen};
        root {top};
        server_tokens off;
        add_header X-Content-Type-Options nosniff always;

        location = / {{ try_files /index.html =404; limit_except GET {{ deny all; }} }}
        location ~ ^/(index\\.html|results\\.csv|metrics\\.prom)$ {{ limit_except GET {{ deny all; }} }}
        location /boot/ {{ limit_except GET {{ deny all; }} }}
        location ~ "{path}" {{
            client_max_body_size {size}m;
            dav_methods PUT;
            create_full_put_path on;
            dav_access user:rw group:r all:r;
            limit_except GET PUT {{ deny all; }}
            set $over "$request_method";
            if (-e $request_filename) {{ set $over "$over over"; }}
            if ($over = "PUT over") {{ return 409; }}
            add_header X-Content-Type-Options nosniff always;
            add_header Content-Security-Policy "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'" always;
        }}
        location / {{ return 403; }}
    }}
}}
"""


class Server:
    def __init__(self, top, listen):
        self.top, self.listen = top, listen
        self.run = top / "run"
        self.process = None

    def configuration(self):
        user = "user www-data;\n" if os.geteuid() == 0 else ""
        return CONFIGURATION.format(user=user, run=self.run, top=self.top, listen=self.listen,
                                    path=PATH, size=FILE_MAX_M)

    def give_results(self):
        """nginx's workers are www-data when root has started it."""
        (self.top / "results" / ".incoming").mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            user, group = pwd.getpwnam("www-data").pw_uid, grp.getgrnam("www-data").gr_gid
            for folder in (self.top / "results", self.top / "results" / ".incoming"):
                os.chown(folder, user, group)

    def start(self):
        if not os.access(NGINX, os.X_OK):
            raise LabError(f"there is no {NGINX}: scripts/setup lab")
        self.run.mkdir(exist_ok=True)
        self.give_results()
        configuration = self.run / "nginx.conf"
        configuration.write_text(self.configuration(), encoding="utf-8")
        self.process = subprocess.Popen(
            [NGINX, "-c", str(configuration), "-e", str(self.run / "error.log")],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + START_S
        while not (self.run / "nginx.pid").exists():
            if self.process.poll() is not None:
                raise LabError("nginx did not start: " + self.process.stderr.read().strip())
            if time.monotonic() > end:
                self.stop()
                raise LabError(f"nginx did not start within {START_S} s")
            time.sleep(0.05)

    def is_up(self):
        return self.process.poll() is None

    def stop(self):
        """Nothing is left but what was sent and what was made of it."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.run, ignore_errors=True)
        shutil.rmtree(self.top / "results" / ".incoming", ignore_errors=True)
