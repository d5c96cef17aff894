#include "web/live/template_error.hpp"

#include <exception>

namespace beamline::web::live {

std::string template_error::position() const {
  return file_ + ":" + std::to_string(line_) + ":" + std::to_string(column_);
}

void rethrow_at(const char* file, unsigned line, unsigned column) {
  try {
    throw;
  } catch (const template_error&) {
    throw;
  } catch (const std::exception& e) {
    std::throw_with_nested(template_error{file, line, column, e.what()});
  } catch (...) {
    std::throw_with_nested(template_error{file, line, column, "something that is no std::exception was thrown"});
  }
}

}  // namespace beamline::web::live
