#!/usr/bin/env bash
# Installs what the tests need beside Go and Node: Chromium, poppler (pdftotext, pdfsig,
# pdffonts), and the network tools that block UDP in a namespace of their own. It needs
# root and apt only when something is missing.
set -euo pipefail

declare -A package=(
  [chromium]=chromium
  [pdftotext]=poppler-utils
  [ip]=iproute2
  [nft]=nftables
)

missing=()
for program in "${!package[@]}"; do
  command -v "$program" >/dev/null || missing+=("${package[$program]}")
done
# Pages and documents are photographed with a font that has Cyrillic.
[ -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || missing+=(fonts-dejavu-core)

[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "The tests need these packages, which this user can't install: ${missing[*]}" >&2
  echo "On Debian: sudo apt-get install ${missing[*]}" >&2
  exit 1
fi
echo "Installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
