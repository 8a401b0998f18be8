<?php
// The load balancer's health check: this node's PHP answers. See nginx.conf for what it deliberately leaves out.
header('Content-Type: text/plain');
header('Cache-Control: no-store');
echo "ok\n";
