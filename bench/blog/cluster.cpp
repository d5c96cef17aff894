#include "blog/cluster.hpp"

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace beamline::bench {

namespace {

// The script itself gives up a node after 30 s, and kills one that does not end after 10 s.
constexpr auto up_timeout = std::chrono::seconds{60};
constexpr auto down_timeout = std::chrono::seconds{40};
constexpr auto pause = std::chrono::milliseconds{50};

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream out;
  out << std::ifstream{file}.rdbuf();
  return out.str();
}

/// Runs scripts/cluster with those words; what it says goes to `said`.
pid_t run_script(const std::filesystem::path& folder, const std::filesystem::path& said,
                 const std::vector<std::string>& words) {
  std::vector<std::string> all{BENCH_BLOG_SCRIPT};
  all.insert(all.end(), words.begin(), words.end());
  std::vector<char*> argv;
  argv.reserve(all.size() + 1);
  for (auto& word : all)
    argv.push_back(word.data());
  argv.push_back(nullptr);
  const auto id = fork();
  if (id != 0)
    return id;
  // The script stops its nodes when this program is gone.
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  setenv("BEAMLINE_VAR", folder.c_str(), 1);
  setenv("BEAMLINE_PROGRAM", BENCH_BLOG_PROGRAM, 0);  // Unless the user names another one.
  setenv("NO_COLOR", "1", 1);
  const auto out = open(said.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const auto nothing = open("/dev/null", O_RDWR);
  dup2(nothing, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(words.front() == "status" ? nothing : out, STDERR_FILENO);
  execv(argv[0], argv.data());
  _exit(127);
}

bool has_ended_within(pid_t id, std::chrono::seconds most) {
  for (const auto until = std::chrono::steady_clock::now() + most; waitpid(id, nullptr, WNOHANG) == 0;) {
    if (std::chrono::steady_clock::now() >= until)
      return false;
    std::this_thread::sleep_for(pause);
  }
  return true;
}

}  // namespace

cluster::cluster(std::size_t hosts) {
  auto name = (std::filesystem::temp_directory_path() / "beamline-bench-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr)
    throw std::runtime_error{"cannot make a folder like " + name};
  folder_ = name;
  try {
    start(hosts);
  } catch (...) {
    stop();
    throw;
  }
}

void cluster::start(std::size_t hosts) {
  const auto said = folder_ / "up.log";
  // As in production: not a line per request, no pages for developers.
  script_ =
      run_script(folder_, said,
                 {"up", "--hosts", std::to_string(hosts), "--set", "log.level=info", "--set", "web.development=false"});
  const auto until = std::chrono::steady_clock::now() + up_timeout;
  while (!is_up()) {
    if (has_ended_within(script_, std::chrono::seconds{0}) || std::chrono::steady_clock::now() > until)
      throw std::runtime_error{"the cluster did not come up:\n" + text_of(said)};
    std::this_thread::sleep_for(pause);
  }
  if (!read_status())
    throw std::runtime_error{"scripts/cluster status does not tell of the nodes:\n" + text_of(folder_ / "status")};
}

/// As the script notes it, which replaces its file in one step.
bool cluster::is_up() const {
  const auto noted = nlohmann::json::parse(text_of(folder_ / "cluster.json"), nullptr, false);
  return noted.is_object() && noted.value("is_ready", false);
}

bool cluster::read_status() {
  const auto file = folder_ / "status";
  if (!has_ended_within(run_script(folder_, file, {"status", "--json"}), up_timeout))
    return false;
  const auto status = nlohmann::json::parse(text_of(file), nullptr, false);
  if (!status.is_object())
    return false;
  for (const auto& n : status.at("nodes")) {
    const auto found = node{n.at("pid").get<pid_t>(), n.at("http_port").get<std::uint16_t>()};
    if (n.at("role") == "accumulator")
      accumulator_ = found;
    else
      hosts_.push_back(found);
  }
  proxy_ = status.at("proxy").at("pid").get<pid_t>();
  return !hosts_.empty() && accumulator_.port != 0;
}

void cluster::stop() noexcept {
  if (script_ > 0) {
    kill(script_, SIGTERM);
    if (!has_ended_within(script_, down_timeout)) {
      kill(script_, SIGKILL);  // The nodes end by themselves: they hang on the script's lifeline.
      waitpid(script_, nullptr, 0);
    }
  }
  std::error_code ignored;  // Somebody else cleans up the folder for temporary files, then.
  std::filesystem::remove_all(folder_, ignored);
}

cluster::~cluster() { stop(); }

std::vector<std::uint16_t> cluster::ports() const {
  std::vector<std::uint16_t> out;
  for (const auto& h : hosts_)
    out.push_back(h.port);
  return out;
}

}  // namespace beamline::bench
