import { type Authorizer, AwsError, type LocalStack } from '../contract.ts';
import { assumeAsService } from '../services/service-roles.ts';
import { functionsOf } from './function-settings.ts';

/**
 * What the deployment of a function finds: Lambda tries the role that it will run under.
 * @throws AwsError `InvalidParameterValueException`
 */
export const checkFunctionRoles = (stack: LocalStack, authorizer: Authorizer): void => {
  for (const { arn, roleArn, name } of functionsOf(stack)) {
    try {
      assumeAsService({ authorizer, stack, service: 'lambda.amazonaws.com', roleArn, sourceArn: arn });
    } catch (error) {
      throw new AwsError(
        'InvalidParameterValueException',
        `The role defined for the function ${name} cannot be assumed by Lambda: ${error}`,
      );
    }
  }
};
