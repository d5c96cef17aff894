#include "web/responder.hpp"

#include <stdexcept>

namespace beamline::web {

responder& responder::operator=(responder&& other) noexcept {
  if (this != &other) {
    if (sink_)
      std::exchange(sink_, nullptr)->dropped();
    request_ = std::move(other.request_);
    sink_ = std::move(other.sink_);
  }
  return *this;
}

responder::~responder() {
  if (sink_)
    std::exchange(sink_, nullptr)->dropped();
}

void responder::send(response res) {
  if (!sink_)
    throw std::logic_error{"the request was answered already: " + (request_ ? request_->path : std::string{"(moved)"})};
  std::exchange(sink_, nullptr)->deliver(std::move(res));
}

}  // namespace beamline::web
