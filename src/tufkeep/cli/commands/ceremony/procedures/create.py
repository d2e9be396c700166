"""The day on which a repository is made, on a machine that has never seen a network."""

from __future__ import annotations

from typing import Final

from tufkeep.cli.commands.ceremony.procedures.step import Procedure, Step

CREATE: Final = Procedure(
    name="create",
    title="Create a repository",
    purpose="At the end there is a repository with its root keys in two places, and agents can be built that trust it.",
    people=("root holder: does it", "witness: reads along, compares words, signs the paper"),
    things=(
        "a computer that boots from a stick, with its network cable pulled and its radio off",
        "a stick with a live system, such as Ubuntu, and a stick with the tufkeep program on it",
        "five empty sticks with labels: work, backup-1, backup-2, repository, signing",
        "this script on paper, a pen, and an envelope for each passphrase",
    ),
    steps=(
        Step(
            id="program",
            title="Bring the program",
            who="root holder",
            where="online",
            do=(
                "Put the tufkeep program on its stick and compare its sha256 with the one that was published with it.",
                "Print this script.",
            ),
            commands=("sha256sum tufkeep", "tufkeep ceremony create --print create.html"),
            expect="The sha256 is the one that the release page shows, letter by letter.",
            check="Did two people compare the sha256?",
        ),
        Step(
            id="machine",
            title="Look at the machine",
            who="root holder",
            where="offline",
            do=(
                "Boot the live system, connect no network, plug in the program and the stick called work.",
                "Set the clock by a watch. From here on stay in the folder of the work stick.",
            ),
            commands=("cd /media/work", "tufkeep ceremony check --dir updates"),
            expect="Every line says ok, or a warning that you understand. None says stop.",
            check="Is there no line that says stop, and is the clock right?",
        ),
        Step(
            id="keys",
            title="Make the keys",
            who="root holder",
            where="offline",
            do=(
                "Three root keys, of which two must sign, so that one may be lost; one key for each other role.",
                "Each passphrase is shown once: write it down, put it into its envelope, type it back from the paper.",
            ),
            commands=("tufkeep init --ceremony --root-keys 3 --dir updates",),
            expect="Six keys, each with eight words, and: repository created: root v1, 2 of 3 root keys must sign.",
            check="Are there six envelopes, each with the passphrase of one key?",
        ),
        Step(
            id="words",
            title="Write the words down",
            who="witness",
            where="offline",
            do=("Write the first eight characters and the words of every root key on this paper.",),
            commands=("tufkeep key list --dir updates",),
            expect="The keys and roles that the paper now shows.",
            check="Did the witness read every word back from the paper?",
        ),
        Step(
            id="backups",
            title="Write the backups",
            who="root holder",
            where="offline",
            do=("Every key goes on two sticks that will be kept in two places.",),
            commands=(
                "tufkeep drive write /media/backup-1 --as root-backup --dir updates",
                "tufkeep drive write /media/backup-2 --as root-backup --dir updates",
            ),
            expect="wrote and read back, with the names of six key files, twice.",
            check="Were both sticks written and read back?",
        ),
        Step(
            id="backups-work",
            title="Prove the backups",
            who="root holder",
            where="offline",
            do=("Unlock every key on both sticks with the passphrases from the envelopes.",),
            commands=(
                "tufkeep key check /media/backup-1/keys --dir updates",
                "tufkeep key check /media/backup-2/keys --dir updates",
            ),
            expect="Each of the six keys unlocks and signs, on both sticks.",
            check="Did every key on both sticks unlock with what is on paper?",
        ),
        Step(
            id="repository",
            title="Write the repository drive",
            who="root holder",
            where="offline",
            do=("This one goes to a machine with a network. It never carries a key.",),
            commands=(
                "tufkeep drive write /media/repository --as repository --dir updates",
                "tufkeep drive check /media/repository --dir updates",
            ),
            expect="a repository drive, with no key.",
            check="Does the check say that there is no key on it?",
        ),
        Step(
            id="signing",
            title="Write the signing drive",
            who="root holder",
            where="offline",
            do=("This one is for every day: targets, snapshot and timestamp keys. It never carries a root key.",),
            commands=(
                "tufkeep drive write /media/signing --as signing --dir updates",
                "tufkeep drive check /media/signing --dir updates",
            ),
            expect="a signing drive, with snapshot.json, targets.json and timestamp.json.",
            check="Does the check name these three key files, and no root key?",
        ),
        Step(
            id="record",
            title="Sign the record",
            who="witness",
            where="offline",
            do=("Copy the last line's sha256 from the log to this paper. Both people sign the paper.",),
            commands=("tufkeep log --dir updates", "tufkeep log verify --dir updates"),
            expect="The log lists the commit of today, and no line of it was changed.",
            check="Is the paper signed by both?",
        ),
        Step(
            id="off",
            title="Switch the machine off",
            who="root holder",
            where="offline",
            do=(
                "Pull every stick, switch the machine off, wait a minute.",
                "The work stick has contained root keys: lock it away with a backup, or destroy it.",
            ),
            expect="Root keys are on backup-1, on backup-2 and on the work stick, nowhere else.",
            check="Are the backups on their way to two different places?",
        ),
        Step(
            id="publish",
            title="Publish",
            who="operator",
            where="online",
            do=(
                "Copy repository from the repository drive to a working directory, add the remote to its tufkeep.toml,",
                "and publish. No key is needed for that.",
            ),
            commands=("tufkeep verify", "tufkeep push REMOTE", "tufkeep remote verify REMOTE"),
            expect="Every byte of the remote is right.",
            check="Did remote verify find nothing?",
        ),
        Step(
            id="agents",
            title="Give agents their root",
            who="operator",
            where="online",
            do=("Build repository/1.root.json into the agent, and let one agent fetch.",),
            commands=(
                "tufkeep client init URL --root repository/1.root.json --dir client",
                "tufkeep client refresh --dir client",
            ),
            expect="A client that starts at this root follows.",
            check="Does the client follow?",
        ),
    ),
)
