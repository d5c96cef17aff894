#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace beamline::bench {

/// A real cluster of blog hosts and an accumulator, in processes of their own on free ports, with a state folder of its
/// own: `scripts/cluster up`, which ends with this program, however that ends.
class cluster {
public:
  struct node {
    pid_t id = -1;
    std::uint16_t port = 0;
  };

  /// Returns when all nodes are ready. Throws std::runtime_error with what the script says when they do not come up.
  explicit cluster(std::size_t hosts);
  /// Stops the nodes in order and removes the folder.
  ~cluster();
  cluster(const cluster&) = delete;
  cluster& operator=(const cluster&) = delete;

  [[nodiscard]] const std::vector<node>& hosts() const noexcept { return hosts_; }
  [[nodiscard]] const node& accumulator() const noexcept { return accumulator_; }
  /// The process through which all links run.
  [[nodiscard]] pid_t proxy() const noexcept { return proxy_; }
  [[nodiscard]] std::vector<std::uint16_t> ports() const;

private:
  void start(std::size_t hosts);
  void stop() noexcept;
  [[nodiscard]] bool is_up() const;
  [[nodiscard]] bool read_status();

  std::filesystem::path folder_;
  pid_t script_ = -1;
  std::vector<node> hosts_;
  node accumulator_;
  pid_t proxy_ = -1;
};

}  // namespace beamline::bench
