#!/bin/sh
# An account of its own, and its folders; the service begins once there is a config.
set -e
getent group splameter >/dev/null || groupadd --system splameter
getent passwd splameter >/dev/null || useradd --system --gid splameter --home-dir /var/lib/splameter --no-create-home --shell /usr/sbin/nologin splameter
chown root:splameter /etc/splameter
chown splameter:splameter /var/lib/splameter
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload || true
	if systemctl is-active --quiet splameter; then systemctl restart splameter || true; fi
fi
[ -e /etc/splameter/config.yaml ] || echo "splameter: write /etc/splameter/config.yaml (splameter init drafts one; store and output belong beneath /var/lib/splameter), then: systemctl enable --now splameter"
