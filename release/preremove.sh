#!/bin/sh
# On removal, not on upgrade. Store, config and output stay.
set -e
case "${1:-}" in remove | 0)
	if [ -d /run/systemd/system ]; then systemctl disable --now splameter || true; fi ;;
esac
