#pragma once

#include <stdexcept>
#include <string>

namespace beamline::web::live {

/// Thrown from a view's `mount` or `handle_params`: the page is an error of HTTP, such as 404 for a post that is not
/// there. The first render answers that status with its error page; in a connected mount the browser is told to load
/// the page anew and then gets the same. `what()` is a sentence for the visitor.
class http_error : public std::runtime_error {
public:
  /// Throws std::invalid_argument for a status outside 400 to 499: what else a view throws is a crash, answered 500.
  explicit http_error(int status, const std::string& detail = {}) : std::runtime_error{detail}, status_{status} {
    if (status < 400 || status > 499)
      throw std::invalid_argument{"http_error " + std::to_string(status) + ": expected a status from 400 to 499"};
  }
  [[nodiscard]] int status() const noexcept { return status_; }

private:
  int status_;
};

}  // namespace beamline::web::live
