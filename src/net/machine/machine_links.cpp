#include "net/machine/machine_links.hpp"

#include "actors/node.hpp"
#include "actors/timers.hpp"

#include <future>
#include <thread>
#include <utility>

namespace beamline::net {

result<std::unique_ptr<machine_links>> machine_links::start(node& on, options o) {
  auto made = std::unique_ptr<machine_links>{new machine_links{on}};
  auto over = middleman_carriers::start(made->thread_, on.system());
  if (!over)
    return over.error();
  made->middleman_ = std::move(*over);
  auto opened = result<void>{};
  made->thread_.run([&] { opened = made->open(std::move(o)); });
  if (!opened)
    return opened.error();
  return made;
}

result<void> machine_links::open(options o) {
  auto names = dns_resolver::make(thread_, {});
  if (!names)
    return names.error();
  names_ = std::move(*names);
  network_ = std::make_unique<tcp_network>(thread_, *names_, on_.env().time(), on_.env().log(), std::move(o.tls),
                                           &on_.env().events());
  if (o.carriers_around)
    around_ = o.carriers_around(*middleman_);
  carriers& over = around_ ? *around_ : *middleman_;
  auto made = links::start(on_, thread_, *network_, over, std::move(o.links));
  if (!made)
    return made.error();
  links_ = std::move(*made);
  return {};
}

bool machine_links::close(duration at_most) {
  auto told = std::make_shared<std::promise<void>>();
  auto all_told = told->get_future();
  links_->close([told] { told->set_value(); });
  return all_told.wait_for(at_most) == std::future_status::ready;
}

machine_links::~machine_links() {
  while (links_.use_count() > 1)  // Somebody is just sending.
    std::this_thread::yield();
  thread_.run([&] {
    links_.reset();
    around_.reset();
    network_.reset();
    names_.reset();
  });
  on_.env().timers().settle();  // One that was just due would still post to the thread.
  thread_.stop();
}

}  // namespace beamline::net
