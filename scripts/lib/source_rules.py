"""The tables that scripts/check_layers holds the sources against. Section 1 of the design in a form a script can read."""

# Which other folders of src/ a folder may include from. Longest folder first: "web/template" is not "web".
LAYERS = {
    "base": set(),
    "store": {"base"},
    "actors": {"base"},
    "supervision": {"base", "actors"},
    "pubsub": {"base", "actors", "supervision"},
    # The outbox is a table of the store, see section 8.
    "net": {"base", "store", "actors", "supervision", "pubsub"},
    "web": {"base", "actors", "supervision", "pubsub"},
    # The template compiler runs at build time and knows nothing of the running system.
    "web/template": {"base"},
    # Each application is a folder of its own; see APPS.
    "apps": {"base", "store", "actors", "supervision", "pubsub", "net", "web"},
    "testing": {"base", "store", "actors", "supervision", "pubsub", "net", "web"},
    # What main.cpp is made of; tests may link it.
    "program": {"base", "store", "actors", "supervision", "pubsub", "net", "web", "apps"},
    "main.cpp": {"base", "store", "actors", "supervision", "pubsub", "net", "web", "apps", "program"},
}

# An application may include this one file of another application, and nothing else of it.
APP_CONTRACTS = "contracts.hpp"

# A header of a library belongs where its rule says: (start of the header's name, allowed files, reason). Files are
# patterns below src/ as of fnmatch, where * also matches "/". The first rule whose start matches decides.
LIBRARIES = [
    ("caf/io/", ["net/*"], "CAF's I/O module stays behind the link"),
    ("caf/event_based_actor.hpp", ["actors/*", "testing/*", "supervision/*.cpp", "pubsub/*.cpp", "net/*.cpp", "web/*.cpp",
                                   "apps/*.cpp"], "an actor is written in a .cpp file"),
    ("caf/behavior.hpp", ["actors/*", "testing/*", "supervision/*.cpp", "pubsub/*.cpp", "net/*.cpp", "web/*.cpp",
                          "apps/*.cpp"], "an actor is written in a .cpp file"),
    ("caf/message.hpp", ["actors/*", "testing/*", "supervision/*.cpp", "pubsub/*.cpp", "net/*.cpp", "web/*.cpp",
                         "apps/*.cpp"], "an actor is written in a .cpp file"),
    ("caf/", ["actors/*", "testing/*"], "what CAF renames after 0.17 goes through src/actors"),
    ("boost/asio", ["web/*.cpp", "web/transport/*", "net/*.cpp", "net/transport/*", "program/control/*"],
     "socket headers are slow to compile and stay with the sockets"),
    ("boost/beast", ["web/*.cpp", "web/transport/*", "net/*.cpp", "net/transport/*"],
     "HTTP headers are slow to compile and stay with the sockets"),
    ("sqlite3.h", ["store/*", "testing/*"], "SQL stays behind the store's port"),
    ("SQLiteCpp/", ["store/*", "testing/*"], "SQL stays behind the store's port"),
    ("libpq", ["store/*"], "SQL stays behind the store's port"),
    ("toml++/", ["base/config/*.cpp"], "configuration is read in one place"),
    ("spdlog/", ["base/log*"], "the log has one front"),
    ("prometheus/", ["base/*"], "metrics have one front"),
    ("cmark-gfm", ["apps/*.cpp"], "Markdown is rendered by the application that has posts"),
    ("CLI/", ["main.cpp"], "the command line is main's"),
    ("doctest/", ["testing/*"], "only tests and their fixtures know the test library"),
    ("rapidcheck", ["testing/*"], "only tests and their fixtures know the test library"),
]

# Calls that only the ports make: (what, pattern, [(allowed files, reason)]). Comments and texts are not looked at.
PORT_CALLS = [
    ("reads a clock",
     r"\b(?:steady_clock|system_clock|high_resolution_clock)::now\b"
     r"|\b(?:gettimeofday|clock_gettime|localtime|localtime_r|gmtime|gmtime_r|timespec_get)\s*\("
     r"|\bstd::time\s*\(|(?<![\w:.>])time\s*\(\s*(?:nullptr|NULL|0|&)",
     [("base/time.cpp", "the clock port"),
      ("actors/timer*", "waits for the earliest timer on the real clock"),
      ("net/transport/*", "socket deadlines of the real transport"),
      ("web/transport/*", "socket deadlines of the real transport"),
      ("testing/guard.cpp", "catches these calls in tests")]),
    ("sleeps",
     r"\b(?:sleep_for|sleep_until|usleep|nanosleep|clock_nanosleep)\b|(?<![\w:.>])sleep\s*\(",
     [("testing/guard.cpp", "catches these calls in tests")]),
    ("draws random numbers",
     r"\brandom_device\b|\b(?:getrandom|getentropy|arc4random\w*|RAND_bytes|RAND_priv_bytes)\b"
     r"|(?<![\w.>])s?rand\s*\(|\bdrand48\s*\(",
     [("base/random.cpp", "the random port"),
      ("testing/guard.cpp", "catches these calls in tests")]),
    ("reads the environment",
     r"\b(?:getenv|secure_getenv|setenv|unsetenv|putenv|environ)\b",
     [("main.cpp", "hands the environment to the configuration")]),
    ("starts a thread",
     r"\bstd::(?:jthread|async)\b|\bstd::thread\b(?!::(?:id|hardware_concurrency))|\bpthread_create\b",
     [("actors/timer*", "one thread for all timers of a node"),
      ("actors/system*", "CAF's scheduler and bounded shutdown"),
      ("supervision/helper_thread*", "components that are no processes block there, not on the scheduler"),
      ("program/control/server*", "the control socket has a thread of its own"),
      ("store/*worker*", "blocking SQL runs here"),
      ("store/threaded*", "blocking SQL runs here"),
      ("net/*", "CAF's multiplexer and the relay's sockets"),
      ("web/server*", "the listener's thread"),
      ("web/transport/*", "the listener's thread"),
      ("testing/guard.cpp", "catches these calls in tests")]),
]

# In tests only waiting is forbidden: (what, pattern, [(allowed files below tests/, reason)]).
TEST_CALLS = [
    ("sleeps; wait for an event or advance virtual time",
     r"\b(?:sleep_for|sleep_until|usleep|nanosleep)\b",
     [("testing/guard*", "tests that the guard catches it")]),
]

# Leftovers, written so that this table does not trip over itself.
LEFTOVERS = r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b|\bnot " + r"implemented\b"
MACHINE_PATHS = r"(?<![\w.\-/$}~])/(?:wo" + r"rk|ro" + r"ot|home/\w+)/"
PACKAGE_HOSTS = r"\b(?:registry|deb|ftp|snapshot|security|pypi|proxy)\.(?!example)[a-z]+\.(?:org|com|io|net|dev)\b"
