#pragma once

#include "net/outbox/recovery.hpp"
#include "supervision/executor.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace beamline::program {

// A larger file is not imported: split it between two lines.
inline constexpr std::size_t recovery_file_bytes_max = 64U << 20;

/// The recovery file of an outbox: appended to and synced on an executor, which outlives it. Mode 0600, made when it is
/// first needed. It is never cut: who has imported it takes it away.
class recovery_file final : public net::outbox::recovery {
public:
  recovery_file(std::filesystem::path path, std::shared_ptr<supervision::executor> on)
      : path_{std::move(path)}, on_{std::move(on)} {}

  void append(std::string lines, std::function<void(result<void>)> done) override;
  /// The content of any such file. Errors name it: not_found, denied, too_large, io.
  void read(std::filesystem::path file, std::function<void(result<std::string>)> done);

private:
  std::filesystem::path path_;
  std::shared_ptr<supervision::executor> on_;
};

}  // namespace beamline::program
