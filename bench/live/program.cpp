#include "live/program.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <utility>

namespace beamline::bench {

namespace {

constexpr auto end_timeout = std::chrono::seconds{15};
constexpr auto end_step = std::chrono::milliseconds{20};

struct ends {
  int read;
  int write;
};
ends make_pipe() {
  std::array<int, 2> fds{};
  if (pipe2(fds.data(), O_CLOEXEC) < 0)
    throw std::runtime_error{"there are no more pipes"};
  return {fds[0], fds[1]};
}

}  // namespace

program::program(const std::vector<std::string>& command) {
  const auto in = make_pipe();
  const auto out = make_pipe();
  std::vector<char*> words;
  for (const auto& word : command)
    words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  id_ = fork();
  if (id_ == 0) {
    dup2(in.read, STDIN_FILENO);
    dup2(out.write, STDOUT_FILENO);
    execv(words[0], words.data());
    _exit(127);
  }
  close(in.read);
  close(out.write);
  in_ = in.write;
  out_ = out.read;
  const auto line = id_ < 0 ? std::string{} : first_line();
  const auto colon = line.rfind(':');
  const auto* begin = line.data() + (colon == std::string::npos ? line.size() : colon + 1);
  if (std::from_chars(begin, line.data() + line.size(), port_).ec != std::errc{})
    throw std::runtime_error{command.front() + " said \"" + line + "\", expected its address; run it by hand"};
}

std::string program::first_line() const {
  std::string line;
  for (char c = 0; read(out_, &c, 1) == 1 && c != '\n';)
    line += c;
  return line;
}

program::~program() {
  close(in_);
  close(out_);
  if (id_ < 0)
    return;
  for (auto waited = std::chrono::milliseconds{0}; waitpid(id_, nullptr, WNOHANG) == 0; waited += end_step) {
    if (waited >= end_timeout) {
      kill(id_, SIGKILL);
      waitpid(id_, nullptr, 0);
      return;
    }
    std::this_thread::sleep_for(end_step);
  }
}

}  // namespace beamline::bench
