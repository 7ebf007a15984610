#!/bin/sh
# unpack_rabbitmq.sh FOLDER: RabbitMQ and its Erlang out of Debian's packages into a folder. Installs and starts
# nothing, and needs no root. Where the system has RabbitMQ, there is nothing to do.
set -eu

[ -z "$(ls -d /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin 2>/dev/null)" ] || exit 0
folder=$1
mkdir -p "$folder/packages"
folder=$(cd "$folder" && pwd -P) # not by a link, which may be gone tomorrow
cd "$folder/packages"

if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
  echo "RabbitMQ is needed: install your system's rabbitmq-server (it need not run). Only Debian's can be unpacked here." >&2
  exit 2
fi
packages=rabbitmq-server
for part in base asn1 crypto public-key mnesia runtime-tools ssl eldap ftp tftp inets snmp os-mon parsetools \
            syntax-tools tools xmerl; do
  packages="$packages erlang-$part"
done
# shellcheck disable=SC2086  # a list of names
if ! apt-get download -q $packages >/dev/null 2>&1; then
  [ "$(id -u)" != 0 ] || apt-get update -qq
  apt-get download -q $packages >/dev/null || {
    echo "RabbitMQ's packages cannot be downloaded; as root: apt-get update, or apt-get install rabbitmq-server" >&2
    exit 2
  }
fi
for package in *.deb; do dpkg -x "$package" ..; done
rm -rf "$folder/packages"

# Erlang knows its place by its start script only.
erts=$(basename "$(ls -d "$folder"/usr/lib/erlang/erts-*)")
cat > "$folder/usr/lib/erlang/bin/erl" <<SCRIPT
#!/bin/sh
export ROOTDIR=$folder/usr/lib/erlang EMU=beam PROGNAME=erl
export BINDIR=\$ROOTDIR/$erts/bin
exec "\$BINDIR/erlexec" "\$@"
SCRIPT
