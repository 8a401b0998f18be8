<?php
// The load balancer's health check: this node's PHP answers. It leaves out database and file system on purpose: when they fail, no
// new node would do better, and a fleet that is being replaced helps nobody.
header('Content-Type: text/plain');
header('Cache-Control: no-store');
echo "ok\n";
