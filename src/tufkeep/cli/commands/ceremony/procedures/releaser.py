"""The days on which a new releaser gets keys that agents trust."""

from __future__ import annotations

from typing import Final

from tufkeep.cli.commands.ceremony.procedures.step import Procedure, Step

RELEASER: Final = Procedure(
    name="releaser",
    title="Add a releaser",
    purpose="At the end a releaser signs with keys that never left their machine, and root says so.",
    people=(
        "releaser: makes keys and asks",
        "root holder: looks at the request, signs it offline",
        "operator: publishes; may be the releaser",
    ),
    things=(
        "a stick that carries two small files, one there and one back; neither is secret",
        "for the root holder: a machine without a network, the root keys and their passphrases",
    ),
    steps=(
        Step(
            id="newest",
            title="Fetch what is published",
            who="releaser",
            where="online",
            do=("Bring a working directory up to date. A request that is made from an old root is of no use.",),
            commands=("tufkeep pull REMOTE", "tufkeep verify"),
            expect="Nothing is staged, and verify finds nothing.",
            check="Is the directory up to date, with nothing wrong in it?",
        ),
        Step(
            id="request",
            title="Make keys and ask",
            who="releaser",
            where="online",
            do=(
                "The keys are made here and stay here; the request carries their public halves, each with a proof",
                "that somebody has the private one.",
            ),
            commands=(
                "tufkeep request --add targets --add snapshot --add timestamp --owner NAME"
                " --to /media/stick/request.txt",
            ),
            expect="Three keys, each with its words, and the file /media/stick/request.txt.",
            check="Are the passphrases in a safe place, and is the request on the stick?",
        ),
        Step(
            id="backup",
            title="Write a backup",
            who="releaser",
            where="online",
            do=("The new keys go on a stick that is locked away.",),
            commands=("tufkeep drive write /media/backup --as root-backup", "tufkeep key check /media/backup/keys"),
            expect="Every new key on the stick unlocks and signs.",
            check="Did every new key unlock?",
        ),
        Step(
            id="machine",
            title="Look at the machine",
            who="root holder",
            where="offline",
            do=(
                "Boot the live system, connect no network, set the clock by a watch.",
                "Copy the newest repository from a drive to updates on the work stick.",
            ),
            commands=("cd /media/work", "tufkeep ceremony check --dir updates", "tufkeep verify --dir updates"),
            expect="No line says stop, and verify finds nothing.",
            check="Is there no line that says stop?",
        ),
        Step(
            id="read",
            title="Read the request",
            who="root holder",
            where="offline",
            do=(
                "Nothing is signed yet. Call the releaser on a telephone whose number you know, and let them read the",
                "words of each new key; compare them with what you see.",
            ),
            commands=("tufkeep approve /media/stick/request.txt --dry-run --dir updates",),
            expect="What is added and removed, in sentences, warnings first; the words of every new key.",
            check="Does it say what you meant to allow, and do all words agree?",
        ),
        Step(
            id="approve",
            title="Approve",
            who="root holder",
            where="offline",
            do=(
                "Sign with as many root keys as must sign; the next holder may go on with the approval elsewhere.",
                "Switch the machine off afterwards.",
            ),
            commands=("tufkeep approve /media/stick/request.txt --keys /media/root-keys/keys --dir updates",),
            expect="The approval, /media/stick/tufkeep-approval.txt, with as many root signatures as are needed.",
            check="Is the approval signed by enough root keys, and the machine off?",
        ),
        Step(
            id="accept",
            title="Take it in",
            who="releaser",
            where="online",
            do=("Fetch once more, then take the approval in; it is checked against what is published now.",),
            commands=("tufkeep pull REMOTE", "tufkeep accept /media/stick/tufkeep-approval.txt", "tufkeep key list"),
            expect="A new root version is committed, and the new keys are listed with their owner.",
            check="Does key list show the new keys?",
        ),
        Step(
            id="publish",
            title="Publish",
            who="operator",
            where="online",
            do=("Publish, then see that a client follows.",),
            commands=("tufkeep push REMOTE", "tufkeep remote verify REMOTE", "tufkeep client refresh --dir client"),
            expect="Every byte of the remote is right, and a client that trusted an older root follows.",
            check="Did remote verify find nothing, and does the client follow?",
        ),
    ),
)
