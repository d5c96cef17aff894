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
    ("caf/io/", ["net/middleman/*"], "CAF's I/O module stays behind the link's carriers"),
    ("caf/event_based_actor.hpp", ["actors/*", "testing/*", "supervision/*.cpp", "pubsub/*.cpp", "net/*.cpp", "web/*.cpp",
                                   "apps/*.cpp"], "an actor is written in a .cpp file"),
    ("caf/behavior.hpp", ["actors/*", "testing/*", "supervision/*.cpp", "pubsub/*.cpp", "net/*.cpp", "web/*.cpp",
                          "apps/*.cpp"], "an actor is written in a .cpp file"),
    ("caf/message.hpp", ["actors/*", "testing/*", "supervision/*.cpp", "pubsub/*.cpp", "net/*.cpp", "web/*.cpp",
                         "apps/*.cpp"], "an actor is written in a .cpp file"),
    ("caf/", ["actors/*", "testing/*", "net/middleman/*"], "what CAF renames after 0.17 goes through src/actors"),
    ("boost/asio", ["web/*.cpp", "web/transport/*", "net/tcp/*.cpp", "net/middleman/caf_loop.cpp", "program/control/*"],
     "socket headers are slow to compile and stay with the sockets"),
    ("boost/beast", ["web/*.cpp", "web/transport/*"],
     "HTTP headers are slow to compile and stay with the sockets"),
    ("sqlite3.h", ["store/*", "testing/*"], "SQL stays behind the store's port"),
    ("SQLiteCpp/", ["store/*", "testing/*"], "SQL stays behind the store's port"),
    ("libpq", ["store/postgres/*.cpp"], "SQL stays behind the store's port"),
    ("pqxx/", ["store/postgres/session.cpp"], "libpqxx is slow to compile, and one file knows its exceptions"),
    ("toml++/", ["base/config/*.cpp", "apps/event_horizon/content/toml_fields.cpp"],
     "configuration and the front matter of posts are read in one place each"),
    ("yaml.h", ["apps/event_horizon/content/yaml_fields.cpp"], "the front matter of posts is read in one place"),
    ("spdlog/", ["base/log*"], "the log has one front"),
    ("prometheus/", ["base/*"], "metrics have one front"),
    ("cmark-gfm", ["apps/*.cpp", "apps/event_horizon/content/cmark_tree.hpp"], "Markdown is rendered by the application that has posts"),
    ("gumbo.h", ["testing/live/*"], "pages are parsed where tests look at them, and nowhere in the product"),
    ("CLI/", ["main.cpp"], "the command line is main's"),
    ("doctest/", ["testing/*"], "only tests and their fixtures know the test library"),
    ("rapidcheck", ["testing/*"], "only tests and their fixtures know the test library"),
]

# Calls that only the ports make: (what, pattern, [(allowed files, reason)]). Comments and texts are not looked at. The
# guard of the simulator (src/testing/guard) catches at run time what these patterns cannot see.
GUARD = ("testing/guard/*", "catches these calls in tests")
CONTROL = "program/control/*"
PORT_CALLS = [
    ("reads a clock",
     r"\b(?:steady_clock|system_clock|high_resolution_clock|utc_clock|tai_clock|gps_clock|file_clock)::now\b"
     r"|\b(?:gettimeofday|clock_gettime|localtime|localtime_r|gmtime|timespec_get|mktime|__rdtscp?|__builtin_ia32_rdtscp?)"
     r"\s*\(|\bstd::(?:time|clock)\s*\(|(?<![\w:.>])time\s*\(\s*(?:nullptr|NULL|0|&)"
     r"|\bstd::chrono::(?:current_zone|get_tzdb|locate_zone)\b",
     [("base/time.cpp", "the clock port"),
      ("actors/timer*", "waits for the earliest timer on the real clock"),
      ("net/tcp/*", "deadlines of the real network"),
      ("web/transport/*", "socket deadlines of the real transport"),
      GUARD]),
    ("sleeps",
     r"\b(?:sleep_for|sleep_until|usleep|nanosleep|clock_nanosleep)\b|(?<![\w:.>])(?:::)?sleep\s*\(",
     [GUARD]),
    ("waits",
     r"\bcondition_variable(?:_any)?\b|\bstd::(?:shared_)?future\b|\.get_future\s*\(|\bstd::(?:latch|barrier)\b"
     r"|\bstd::(?:binary|counting)_semaphore\b|\bscoped_actor\b|\bfunction_view\b|\bcall_sync\s*[<(]|\bstop_sync\s*\("
     r"|(?<![\w.>])(?:::)?(?:ppoll|poll|pselect|epoll_p?wait|sem_wait|sem_timedwait|sigwait\w*|waitpid|pthread_join"
     r"|pthread_cond_\w*wait)\s*\(|(?<![\w:.>])::select\s*\(|\b(?:recursive_|shared_)?timed_mutex\b",
     [("actors/timer_thread*", "one thread for all timers of a node"),
      ("actors/process_table*", "a node that ends waits for its processes, on the thread that ends it"),
      ("actors/node*", "for main and foreign threads, see call_sync and stop_sync"),
      ("supervision/helper_thread*", "components that are no processes block there, not on the scheduler"),
      ("store/*", "store workers wait for work"),
      (CONTROL, "the control socket has a thread of its own"),
      ("program/*", "main waits for the end of the program"),
      ("web/transport/*", "the listener's thread"),
      ("net/tcp/net_thread*", "whoever starts and ends the net thread waits for it"),
      ("testing/explore/workers.cpp", "threads that have worlds of their own wait for each other"),
      GUARD]),
    ("draws random numbers",
     r"\brandom_device\b|\b(?:getrandom|getentropy|arc4random\w*|RAND_bytes|RAND_priv_bytes)\b"
     r"|(?<![\w.>])s?rand(?:om|_r)?\s*\((?!\s*\)\s*(?:const|noexcept|override|=|\{))|\b[delmnj]rand48(?:_r)?\s*\(",
     [("base/random.cpp", "the random port"),
      ("net/middleman/caf_node_id.cpp", "CAF's node id, before any node is there"),
      GUARD]),
    ("gives other numbers with another standard library; use below() of env().random()",
     r"\b(?:uniform_int|uniform_real|bernoulli|binomial|negative_binomial|geometric|poisson|exponential|gamma|weibull"
     r"|extreme_value|normal|lognormal|chi_squared|cauchy|fisher_f|student_t|discrete|piecewise_constant|piecewise_linear)"
     r"_distribution\b|\bstd::(?:ranges::)?(?:shuffle|sample)\b|\bgenerate_canonical\b|\bdefault_random_engine\b",
     []),
    ("reads the environment",
     r"\b(?:getenv|secure_getenv|setenv|unsetenv|putenv|environ)\b",
     [("main.cpp", "hands the environment to the configuration"),
      ("testing/main.cpp", "hands the environment to the command line of a test binary"),
      GUARD]),
    ("asks for the machine",
     r"\b(?:gethostname|getdomainname|uname|hardware_concurrency|get_nprocs|sysconf)\b|(?<![\w.>])(?:::)?getp?pid\s*\(",
     [("base/process_metrics.cpp", "what the kernel says of this process, for /metrics"),
      ("store/sqlite/lock_file.cpp", "tells people which process has the database"),
      GUARD]),
    ("opens a file",
     r"\bstd::(?:basic_)?[io]?fstream\b|\b(?:fopen|freopen|fdopen|tmpfile|mkstemp|opendir|memfd_create)\s*\("
     r"|(?<![\w:.>])::(?:open|openat|creat|stat|lstat|unlink|rename|mkdir|rmdir|chmod)\s*\("
     r"|\b(?:filesystem|fs)::(?:\w*directory_iterator|exists|is_\w+|create_\w+|remove\w*|rename|copy\w*|file_size|status"
     r"|symlink_status|read_symlink|current_path|temp_directory_path|last_write_time|resize_file|permissions|canonical"
     r"|weakly_canonical|absolute|space|equivalent|hard_link_count)\b",
     [("base/config/*", "configuration is read from files"),
      ("base/log*", "the log may be a file"),
      ("base/process_metrics.cpp", "what the kernel says of this process, for /metrics"),
      ("base/system_facts.cpp", "the port to what only the machine knows"),
      ("store/sqlite/*", "the storage port"),
      ("program/*", "the node's folder: identity, control socket, assets"),
      ("apps/event_horizon/content/scan.cpp", "posts are files: read before the processes start, then by a helper thread"),
      ("net/tcp/tls_context.cpp", "certificates are read once, when the links start"),
      ("web/assets.cpp", "assets are read once, before the node starts"),
      ("web/template/*", "the template compiler runs at build time"),
      ("testing/explore/*", "a plan to replay is a file; read before a world begins"),
      GUARD]),
    ("talks to the network",
     r"\b(?:getaddrinfo|getnameinfo|gethostbyname\w*|gethostbyaddr\w*|res_n?query|res_n?search)\s*\("
     r"|(?<![\w:.>])::(?:socket|socketpair|connect|bind|listen|accept4?|recv|recvfrom|recvmsg|send|sendto|sendmsg)\s*\(",
     [("net/tcp/*", "the real network below net::byte_network and net::resolver"),
      ("web/transport/*", "the listener's sockets"),
      (CONTROL, "the control socket of this node"),
      GUARD]),
    ("starts another program",
     r"(?<![\w.>])(?:::|std::)?(?:system|popen|posix_spawnp?|exec(?:l|lp|le|v|vp|ve|vpe))\s*\((?!\))"
     r"|(?<![\w.>])(?:::)?v?fork\s*\(",
     [GUARD]),
    ("starts a thread",
     r"\bstd::(?:jthread|async)\b|\bstd::thread\b(?!::(?:id|hardware_concurrency))|\bpthread_create\b|\bcaf::detached\b",
     [("actors/timer*", "one thread for all timers of a node"),
      ("actors/system*", "CAF's scheduler and bounded shutdown"),
      ("supervision/helper_thread*", "components that are no processes block there, not on the scheduler"),
      ("program/control/server*", "the control socket has a thread of its own"),
      ("store/*worker*", "blocking SQL runs here"),
      ("store/threaded*", "blocking SQL runs here"),
      ("net/tcp/*", "the thread of the connections"),
      ("web/server*", "the listener's thread"),
      ("web/transport/*", "the listener's thread"),
      ("testing/explore/*", "explores several seeds at once, each thread with worlds of its own"),
      GUARD]),
    ("is ordered by address, which differs from run to run; key by pid, name or id",
     r"\b(?:std::)?(?:multi)?(?:set|map)<\s*(?:const\s+)?(?:(?:caf::)?(?:strong|weak)_actor_ptr\b"
     r"|(?:std::)?(?:shared|unique|weak)_ptr<|(?:caf::)?intrusive_ptr<|[\w:]+(?:<[^<>]*>)?\s*(?:const\s*)?\*)",
     [("pubsub/presence/crdt/entry_index.hpp", "its comparators look at what the entries are"),
      ("pubsub/presence/crdt/state.hpp", "so do they here")]),
    ("is state that all nodes of a process share and that outlives them; let the node own it",
     r"\b(?:static|thread_local)\s+(?:inline\s+|thread_local\s+|static\s+)*(?!(?:constexpr|consteval|const|inline|thread_local"
     r"|static)\b)(?:[^()=;{}<>]|<[^;{}=<>]*(?:<[^;{}=<>]*>[^;{}=<>]*)*>)*?\b\w+\s*(?:\[[^\]]*\]\s*)?(?:=(?!=)|\{|;)",
     [("actors/environment.cpp", "a port without state, for processes of a node without a cluster"),
      ("actors/prompt_sends.hpp", "whether this thread is in a scope; zero outside it"),
      ("pubsub/system/delivery.cpp", "whose delivery a full mailbox refuses: it refuses on the sender's thread"),
      ("testing/world_steps.cpp", "what runs on this thread: the guard has nowhere else to ask"),
      ("testing/explore/command_line.cpp", "the command line, fixed before any world begins"),
      ("testing/guard/*", "the functions behind the guard, found once")]),
    ("is a global that may change; let the node own it",
     r"(?m)^(?:inline\s+)?(?!(?:using|namespace|struct|class|enum|union|template|return|constexpr|const|constinit|extern|typedef"
     r"|friend|static|thread_local|inline|case|goto|public|private|protected|concept|requires|explicit|operator|else|default)\b)"
     r"(?:std::atomic<[^;={}]*>|std::(?:string|vector|map|set|mutex|unique_ptr|shared_ptr|function|unordered_\w+)\b(?:<[^;={}()]*>)?"
     r"|bool|int|long|unsigned|std::u?int\d+_t|std::size_t|double|auto)\s*[*&]?\s+[*&]?\w+\s*(?:=(?!=)|\{|;)",
     [("base/planted.hpp", "which bug is planted; only in test builds, and changed only while no world runs")]),
]

# Loops over containers whose order nobody chose and that are fine: (file below src/, container, reason). What is sent,
# logged or written in such an order differs with the standard library and, for keys that are addresses, from run to run.
UNORDERED_LOOPS = [
    ("actors/process.cpp", "timers", "a process that ends cancels them; nobody is told"),
    ("actors/process.cpp", "watches", "a process that ends takes them back; nobody is told"),
    ("actors/process.cpp", "calls", "a process that ends gives them up; nobody is told"),
    ("base/metrics_render.cpp", "all", "the samples of each family are sorted before they are written"),
    ("store/postgres/session.cpp", "statements", "looks for the smallest number, and no two are equal"),
    ("store/sqlite/connection.cpp", "cache_", "looks for the smallest number, and no two are equal"),
    ("supervision/dynamic_core.cpp", "children_", "sorted by position at once"),
    ("testing/check/sender_order.cpp", "mail", "looks for the smallest number of one sender, and no two are equal"),
]

# In tests only waiting is forbidden: (what, pattern, [(allowed files below tests/, reason)]).
TEST_CALLS = [
    ("sleeps; wait for an event or advance virtual time",
     r"\b(?:sleep_for|sleep_until|usleep|nanosleep)\b",
     [("testing/guard/*", "tests that the guard catches it")]),
]

# Leftovers, written so that this table does not trip over itself.
LEFTOVERS = r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b|\bnot " + r"implemented\b"
MACHINE_PATHS = r"(?<![\w.\-/$}~])/(?:wo" + r"rk|ro" + r"ot|home/\w+)/"
PACKAGE_HOSTS = r"\b(?:registry|deb|ftp|snapshot|security|pypi|proxy)\.(?!example)[a-z]+\.(?:org|com|io|net|dev)\b"
