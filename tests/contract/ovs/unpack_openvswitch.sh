#!/bin/sh
# unpack_openvswitch.sh FOLDER: Open vSwitch out of Debian's packages into a folder. Installs and starts nothing, and
# needs neither root nor a kernel module. In FOLDER/bin are its programs, wherever they come from.
set -eu

programs="ovsdb-server ovsdb-tool ovsdb-client ovs-vsctl ovs-vswitchd"
system=/usr/bin:/usr/sbin:/usr/lib/openvswitch-switch:/usr/local/bin:/usr/local/sbin

mkdir -p "$1/packages" "$1/bin"
cd "$1/packages"

found=yes
for program in $programs; do PATH=$system command -v "$program" >/dev/null || found=; done
if [ -n "$found" ]; then
  for program in $programs; do ln -s "$(PATH=$system command -v "$program")" ../bin/; done
  mkdir -p ../usr/share && ln -s /usr/share/openvswitch ../usr/share/
  exit 0
fi

if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
  echo "Open vSwitch is needed: install your system's openvswitch (it need not run). Only Debian's can be unpacked here." >&2
  exit 2
fi
packages="openvswitch-common openvswitch-switch libxdp1 libbpf1 libunbound8 libnuma1 libcap-ng0"
# shellcheck disable=SC2086  # a list of names
if ! apt-get download -q $packages >/dev/null 2>&1; then
  [ "$(id -u)" != 0 ] || apt-get update -qq
  apt-get download -q $packages >/dev/null || {
    echo "Open vSwitch's packages cannot be downloaded; as root: apt-get update, or apt-get install openvswitch-switch" >&2
    exit 2
  }
fi
for package in *.deb; do dpkg -x "$package" ..; done
cd .. && rm -rf packages

# The libraries that it was built with lie beside it.
for program in $programs; do
  file=$(find usr -type f -name "$program" -path "*bin/*" -o -type f -name "$program" -path "*/openvswitch-switch/*")
  cat > "bin/$program" <<SCRIPT
#!/bin/sh
place=\$(dirname "\$(dirname "\$(readlink -f "\$0")")")
libraries=\$(printf '%s:' "\$place"/usr/lib/*-linux-gnu* "\$place"/lib/*-linux-gnu*)
LD_LIBRARY_PATH=\${libraries%:} exec "\$place/$file" "\$@"
SCRIPT
  chmod +x "bin/$program"
done
