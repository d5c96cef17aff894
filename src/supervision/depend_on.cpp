#include "supervision/depend_on.hpp"

namespace beamline::supervision {

void depend_on(process_access self, pid service, std::function<void(const pid& found)> found) {
  auto& env = self.self().env();
  auto id = env.processes().resolve(service);
  // It may just be ending, and somebody else have its name soon.
  if (id == 0 || env.processes().find(id) == nullptr) {
    self.run_after(depend_on_interval,
                   [self, service = std::move(service), found = std::move(found)] { depend_on(self, service, found); });
    return;
  }
  pid there{env.self(), id};
  self.watch(there, [self, service = std::move(service)](const reason& why) {
    self.stop(reason::custom("needs " + to_string(service) + ", which has ended: " + to_string(why)));
  });
  found(there);
}

}  // namespace beamline::supervision
