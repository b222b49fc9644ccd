import { type Command, Option } from 'commander';
import { parseCount } from '../lib/parse.ts';
import { type Act, outputOption } from './options.ts';

const ONE = ['table', 'json', 'yaml', 'name'];
const LEVELS = ['template', 'project', 'tenant', 'global'];

/** Commands about what claws are set to. Modules load when their command runs. */
export function addConfigCommands(program: Command, act: Act): void {
  const configs = program.command('config').alias('configs').summary('manage templates and levels of settings');
  const commands = () => import('../commands/config.ts');
  const fileOption = '-f, --file <file>';
  outputOption(configs.command('list', { isDefault: true }).summary('configs, their versions and who runs on them')).action(
    act(async () => (await commands()).listConfigs),
  );
  outputOption(
    configs
      .command('show')
      .summary('what a config says, as a file that edit takes')
      .argument('<config>', 'name or id')
      .option('--version <version>', 'this version; the newest otherwise', parseCount(1)),
    ONE,
  ).action(act(async () => (await commands()).showConfig));
  outputOption(
    configs
      .command('instances')
      .summary('who runs on which version')
      .argument('<config>', 'name or id')
      .option('--outdated', 'only those that do not run on the newest published version'),
  ).action(act(async () => (await commands()).listUsers));
  outputOption(
    configs
      .command('create')
      .summary('make a config with a first draft')
      .argument('<name>', 'its name')
      .option(fileOption, 'what it says, YAML or JSON; - reads standard input')
      .addOption(new Option('--level <level>', 'whom it applies to').choices(LEVELS).default('template'))
      .option('--project <project>', 'name or id, with --level project')
      .option('--type <type>', 'the claw type it is for', 'openclaw')
      .option('--note <note>', 'why'),
    ONE,
  ).action(act(async () => (await commands()).createConfig));
  outputOption(
    configs
      .command('edit')
      .summary('save a new draft')
      .argument('<config>', 'name or id')
      .requiredOption(fileOption, 'what it says, YAML or JSON; - reads standard input')
      .option('--based-on <version>', 'refuse when there is a newer version than this one', parseCount(0))
      .option('--note <note>', 'why'),
    ONE,
  ).action(act(async () => (await commands()).editConfig));
  outputOption(
    configs
      .command('diff')
      .summary('what differs between two versions, or what one would change for an instance')
      .argument('<config>', 'name or id')
      .option('--from <version>', 'the older one; the one before otherwise', parseCount(1))
      .option('--to <version>', 'the newer one; the newest otherwise', parseCount(1))
      .option('--instance <instance>', 'compare with what this instance is set to'),
  ).action(act(async () => (await commands()).diffConfig));
  outputOption(
    configs
      .command('publish')
      .summary('let instances run on a version; none is moved by it')
      .argument('<config>', 'name or id')
      .option('--version <version>', 'this version; the newest otherwise', parseCount(1))
      .option('--current', 'new instances start on it at once'),
    ONE,
  ).action(act(async () => (await commands()).publishConfig));
  outputOption(
    configs
      .command('import')
      .summary('make a template out of an openclaw.json')
      .argument('<name>', 'its name')
      .requiredOption(fileOption, 'the file; - reads standard input'),
    ONE,
  ).action(act(async () => (await commands()).importConfig));
  outputOption(
    configs
      .command('explain')
      .summary('say of each setting of an instance where it comes from')
      .argument('<instance>', 'name or id')
      .argument('[setting]', 'only this one and those below it'),
  ).action(act(async () => (await commands()).explainConfig));
  configs
    .command('secret')
    .summary('store a secret that settings name')
    .argument('<name>', 'its name')
    .option('--stdin', 'read it from standard input; on a terminal you are asked otherwise')
    .action(act(async () => (await commands()).storeSecret));
}
