"""Words that the API itself uses as values: they tell what a thing is or does, and nobody's name.

Statuses, types, modes and the like are known by their property already (`anonymous.AS_IT_IS`); these are the values of
other properties. What is missing here becomes ``text-N``: that loses a word, and gives nobody away.
"""

from __future__ import annotations

_TEXT = """
    active adapter aes all allowed alternate always automatic backup boot both bridge capacity-group capped cca
    certificate clear cold compute configured console cp cpc crypto current custom custom-power-saving cylinders
    data dedicated default deferred denied dhcp direct disabled discover disk dpm dump dynamic ecc eckd enabled
    encrypted error ethernet existing external false fcp ficon file ftp ftps full gib group hba high
    high-performance hipersockets hmc hmc-user-defined ibm ifl image inclusive inherit initial installer
    internal ipl-image ipltype-scsi ipltype-standard iqd iso iso-image isolated kib link-local linux load local
    locations logical-partition low low-power lpar mac mandatory manual master mib model network network-adapter
    none normal not-activated not-allowed not-capped not-operating not-set not-supported null nvme nvme-adapter
    object off on one-level operating optional osa osd osm partition partition-link password pattern pending
    permitted preferred primary prohibited protected public read-only read-write ready recommended regular
    removable-media required reserved restricted roce role rsa server sftp shared signed soft ssc standard
    static stopped storage-adapter storage-fabric storage-group storage-site storage-template storage-volume
    subtree supported sysplex system-defined tape tape-library tape-link template test-operating-system tib true
    trunk undefined under-group-control unknown unsigned untagged usb user user-defined user-role v2 v3
    virtual-function virtual-switch volume warm write-only
"""
API_WORDS = frozenset(_TEXT.split())
