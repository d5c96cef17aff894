#include "program/outbox_command.hpp"

#include <system_error>

namespace beamline::program {

control::remote_arguments outbox_import(const std::filesystem::path& file, control::remote_arguments asked) {
  std::error_code failed;
  auto whole = std::filesystem::absolute(file, failed);
  asked.verb = "outbox";
  asked.words = {"import", failed ? file.string() : whole.string()};
  return asked;
}

}  // namespace beamline::program
